"""Examines a source completely before it is encoded, cheapest checks first."""

from pathlib import Path

from nightreel.media.inspection.captions import with_captions
from nightreel.media.inspection.coded_picture import with_coding
from nightreel.media.inspection.coded_sound import with_sound_coding
from nightreel.media.inspection.integrity import decodable
from nightreel.media.inspection.interlacing import with_fields_measured
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.media import DecodeCheck


def inspect(
    path: Path,
    binaries: Binaries,
    *,
    decode_check: DecodeCheck,
    damage_tolerance: float,
    for_copying: bool = False,
    sounds_for_copying: bool = False,
) -> SourceProbe:
    """Describes the source: reads every packet, decodes as much as asked for, finds captions and measures
    whether the picture is made of fields. With `for_copying`, also reads how the picture is coded, and with
    `sounds_for_copying` how sounds in AAC are.

    Raises SourceRejected when it cannot become a stream, EncoderFailed when a program could not tell.
    """
    described = probe(path, binaries.ffprobe)
    sound = decodable(described, path, decode_check, damage_tolerance)
    captioned = with_captions(sound, path)
    measured = with_fields_measured(captioned, path, binaries.ffmpeg)
    coded = with_coding(measured, path) if for_copying else measured
    return with_sound_coding(coded, path) if sounds_for_copying else coded
