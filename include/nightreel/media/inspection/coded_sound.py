"""How a source's sounds in AAC are coded: what has to be known before packets are copied."""

from pathlib import Path

from nightreel.media.coded_sound import CodedSound
from nightreel.media.inspection import sound_scanning
from nightreel.media.inspection.aac_configuration import aac_configuration
from nightreel.media.inspection.scan import scanned
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.source import SourceProbe

CODEC = "aac"
CONTAINERS = {"mov", "matroska"}
"""Those that describe AAC in a record of its own, as ffprobe names them."""
_HE_AAC = "HE-AAC"
"""How FFmpeg's names of the profiles with SBR begin."""


def with_sound_coding(source: SourceProbe, path: Path) -> SourceProbe:
    """The source with what `coded_sounds` say, if it has AAC in MP4, MOV or Matroska.

    Reads every packet of these sounds once. Raises EncoderFailed when the program that does so crashed or
    took too long.
    """
    sounds = [sound.index for sound in source.audio if sound.codec == CODEC]
    if not sounds or CONTAINERS.isdisjoint(source.container.split(",")):
        return source
    request = sound_scanning.Request(path=local(path), options=INPUT_OPTIONS, sounds=sounds)
    found = scanned(sound_scanning, vars(request), path, source.duration)
    coded = []
    for each in found:
        said = aac_configuration(bytes.fromhex(each["description"]))
        # FFmpeg decodes the first packets before it names the profile: SBR need not be announced.
        extended = said.extended or each["profile"].startswith(_HE_AAC)
        coded.append(CodedSound.model_validate({**vars(said), **each, "extended": extended}))
    return source.model_copy(update={"coded_sounds": tuple(coded)})
