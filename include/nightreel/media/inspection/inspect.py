"""Everything that is found out about a source before it is encoded, cheapest first."""

from pathlib import Path

from nightreel.media.inspection.captions import with_captions
from nightreel.media.inspection.integrity import decodable
from nightreel.media.inspection.interlacing import with_fields_measured
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.media import DecodeCheck


def inspect(
    path: Path, binaries: Binaries, *, decode_check: DecodeCheck, damage_tolerance: float
) -> SourceProbe:
    """What the source is: every packet read, as much decoded as asked for, its captions
    found, its fields measured.

    Raises SourceRejected when it cannot become a stream, EncoderFailed when a program could
    not tell.
    """
    described = probe(path, binaries.ffprobe)
    sound = decodable(described, path, decode_check, damage_tolerance)
    captioned = with_captions(sound, path)
    return with_fields_measured(captioned, path, binaries.ffmpeg)
