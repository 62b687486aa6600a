"""Clips for the copy of pictures, and what their packets are."""

import hashlib
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from nightreel.media.inspection.coded_picture import with_coding
from nightreel.media.inspection.interlacing import with_fields_measured
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.copying import Copying, CopyLimits, copying
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from tests.media.clips import Clip

SCENES = "testsrc2=size=96x54:rate={rate},negate=enable='mod(floor(t/1.3),2)'"
"""It changes every 1.3 s, so that x264 sets keyframes as in a film."""
B_PYRAMID = ("-preset", "medium", "-bf", "3", "-x264-params", "b-pyramid=normal:keyint=50:min-keyint=5")


def film(rate: str = "25", seconds: float = 4.0, after: tuple[str, ...] = B_PYRAMID) -> Clip:
    """A picture as x264 makes it by default, with frames that refer forward."""
    return Clip(picture=SCENES.format(rate=rate), seconds=seconds, after=after)


def looked_into(path: Path, binaries: Binaries) -> SourceProbe:
    """The source as `inspect` describes it for copying, without a decode check."""
    measured = with_fields_measured(probe(path, binaries.ffprobe), path, binaries.ffmpeg)
    return with_coding(measured, path)


def judged(path: Path, binaries: Binaries, limits: CopyLimits | None = None) -> Copying:
    return copying(looked_into(path, binaries), limits or CopyLimits())


@dataclass(frozen=True)
class Packet:
    """Times in seconds; the hash is that of the bytes."""

    shown: Fraction
    decoded: Fraction
    digest: str
    is_keyframe: bool


def packets(path: Path) -> list[Packet]:
    """Those of the picture, in decoding order, on the track's own clock."""
    with av.open(str(path)) as container:
        (stream, *_) = container.streams.video
        assert stream.time_base is not None
        unit = stream.time_base
        return [
            Packet(
                (each.pts or 0) * unit,
                (each.dts or 0) * unit,
                hashlib.sha256(bytes(each)).hexdigest(),
                each.is_keyframe,
            )
            for each in container.demux(stream)
            if each.size
        ]


def joined(first: Path, second: Path, output: Path, ffmpeg: str) -> Path:
    """The pictures of two files, one after the other in one track, with the parameter sets of both."""
    streams = []
    for number, path in enumerate((first, second)):
        stream = output.with_name(f"{number}.h264")
        command = [ffmpeg, "-v", "error", "-y", "-i", str(path), "-map", "0:v", "-c", "copy", str(stream)]
        subprocess.run(command, check=True, timeout=60)
        streams.append(stream.read_bytes())
    both = output.with_name("both.h264")
    both.write_bytes(b"".join(streams))
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-i", str(both), "-c", "copy"]
    subprocess.run([*command, str(output)], check=True, timeout=60)
    return output
