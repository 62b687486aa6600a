"""How a source's picture is coded, from its bitstream: what has to be known before packets are copied."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightreel.media.coded_picture import PEAK_SECONDS, CodedPicture
from nightreel.media.inspection import h264_parameters, hevc_parameters, scanning
from nightreel.media.inspection.edits import edits_of
from nightreel.media.inspection.frame_rates import STANDARD_RATES
from nightreel.media.inspection.parameters import Parameters
from nightreel.media.inspection.scan import scanned
from nightreel.media.inspection.scanning import Units
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.source import SourceProbe

_OF_BOXES = "mov"
_CONTAINERS = {_OF_BOXES, "matroska"}
"""Those that describe the picture in a record of its own, as ffprobe names them."""


@dataclass(frozen=True)
class _Codec:
    """What is known of a codec. `parameters` reads its decoder configuration record."""

    units: Units
    parameters: Callable[[bytes], Parameters | None]


_CODECS = {
    "h264": _Codec(h264_parameters.UNITS, h264_parameters.parameters),
    "hevc": _Codec(hevc_parameters.UNITS, hevc_parameters.parameters),
}


def with_coding(source: SourceProbe, path: Path) -> SourceProbe:
    """The source with what `coded` says, if its picture is H.264 or HEVC in MP4, MOV or Matroska.

    Reads every packet of the picture once. Raises EncoderFailed when the program that does so crashed or
    took too long.
    """
    containers = set(source.container.split(","))
    codec = _CODECS.get(source.video.codec)
    if codec is None or containers.isdisjoint(_CONTAINERS):
        return source
    found = _scan(source, path, codec.units)
    said = None if found is None else codec.parameters(bytes.fromhex(found["record"]))
    if found is None or said is None:
        return source
    brought = {bytes.fromhex(each) for each in found["in_band"]}
    coded = CodedPicture.model_validate(
        {
            **found,
            **vars(said),
            "sets_change": found["new_record"] or not brought <= said.units,
            "edits": edits_of(path, found["track"]) if _OF_BOXES in containers else 0,
        }
    )
    return source.model_copy(update={"coded": coded})


def _scan(source: SourceProbe, path: Path, units: Units) -> dict[str, Any] | None:
    said_by_file = (source.video.nominal_rate, source.video.average_rate)
    rates = dict.fromkeys(rate for rate in (*STANDARD_RATES, *said_by_file) if rate)
    request = scanning.Request(
        path=local(path),
        options=INPUT_OPTIONS,
        video=source.video.index,
        units=vars(units),
        rates=[str(rate) for rate in rates],
        peak_seconds=PEAK_SECONDS,
    )
    found: dict[str, Any] | None = scanned(scanning, vars(request), path, source.duration)
    return found
