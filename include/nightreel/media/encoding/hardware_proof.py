"""Proves that hardware encodes as planned, by a short test encode that is measured.

That a device exists says little: drivers, containers and FFmpeg must match, and some hardware treats the
length of a GOP as a hint.
"""

import platform
import tempfile
from collections import deque
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from nightreel.errors import EncoderFailed, NightreelError
from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.transcode import encode
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.media.source import Colour
from nightreel.vocabulary.media import Hardware, VideoCodec

_DEVICES: dict[Hardware, tuple[str, ...]] = {
    # The second is Windows' own, in its subsystem for Linux.
    "nvenc": ("nvidia[0-9]*", "dxg"),
    "qsv": ("dri/renderD*",),
    "vaapi": ("dri/renderD*",),
}
_NAME = "180p"
SIZE = 320, 180
RATE = Fraction(25)
FRAMES = 50
GOP_FRAMES = 20
"""Does not divide the number of frames: the last GOP is short, as in most titles."""
PICTURE = (
    # Scene cuts in the middle of GOPs, where an encoder would like to insert keyframes.
    f"testsrc2=size={SIZE[0]}x{SIZE[1]}:rate={RATE}:duration={FRAMES / RATE},"
    "negate=enable='gt(mod(t,0.7),0.35)'"
)
_TIMEOUT_SECONDS = 30.0


class HardwareUnproven(NightreelError):
    """The hardware is missing, does not work, or does not encode as asked; the message says which."""


class _Packet(BaseModel):
    pts: int
    size: int
    flags: str


class _Stream(BaseModel):
    codec_name: str
    pix_fmt: str
    time_base: Fraction


class _Measured(BaseModel):
    """What ffprobe read. `packets` are in the file's order, which is that of decoding."""

    packets: list[_Packet] = []
    streams: list[_Stream] = []


def proven(family: Hardware, codec: VideoCodec, binaries: Binaries) -> Encoder:
    """The encoder, once it has passed the test; tested once per process.

    Raises HardwareUnproven, at once if there is no such device.
    """
    fault, device = _proof(family, codec, binaries)
    if fault:
        raise HardwareUnproven(fault)
    return Encoder(codec=codec, family=family, device=device)


def fault_in(made: Path, rendition: VideoRendition, ffprobe: str) -> str:
    """What is wrong with a test encode; empty when it is as planned."""
    measured = _measure(made, ffprobe)
    if not (measured.streams and measured.packets):
        return "it made no picture"
    stream, packets = measured.streams[0], measured.packets
    if stream.codec_name != rendition.codec:
        return f"it made {stream.codec_name}"
    if stream.pix_fmt != "yuv420p":
        return f"it made frames in {stream.pix_fmt} instead of yuv420p"
    step = 1 / (RATE * stream.time_base)
    shown = sorted(packet.pts for packet in packets)
    if shown != [position * step for position in range(FRAMES)]:
        return f"it made {len(packets)} frames, not {FRAMES} from time 0 on, each as long as the others"
    keyframes = [shown.index(packet.pts) for packet in packets if "K" in packet.flags]
    if keyframes != list(range(0, FRAMES, GOP_FRAMES)):
        return f"it put keyframes at frames {keyframes} instead of one every {GOP_FRAMES}"
    if not _closed(packets):
        return "it made open GOPs, whose pictures refer across a cut"
    allowed = rendition.maxrate_bps * FRAMES / RATE + rendition.buffer_bits
    if (bits := 8 * sum(packet.size for packet in packets)) > allowed:
        return f"it wrote {bits} bits where its capped rate allows {round(allowed)}"
    return ""


def _closed(packets: list[_Packet]) -> bool:
    """Whether no picture is decoded after a keyframe and shown before it."""
    latest_keyframe = -1
    for packet in packets:
        if packet.pts < latest_keyframe:
            return False
        latest_keyframe = packet.pts if "K" in packet.flags else latest_keyframe
    return True


@lru_cache
def _proof(family: Hardware, codec: VideoCodec, binaries: Binaries) -> tuple[str, str]:
    """The fault (empty if there is none), and the device that was tested."""
    devices = _devices(family)
    if not devices:
        return _absence(family), ""
    try:
        return fault_of(Encoder(codec=codec, family=family, device=devices[0]), binaries), devices[0]
    except EncoderFailed as failure:
        return str(failure), devices[0]


def _devices(family: Hardware) -> list[str]:
    if family == "videotoolbox":
        return ["VideoToolbox"] if platform.system() == "Darwin" else []
    return [str(path) for pattern in _DEVICES[family] for path in sorted(Path("/dev").glob(pattern))]


def _absence(family: Hardware) -> str:
    if family == "videotoolbox":
        return "it exists only on macOS"
    return "there is no device " + " or ".join(f"/dev/{name}" for name in _DEVICES[family])


def fault_of(encoder: Encoder, binaries: Binaries) -> str:
    """What a test encode shows to be wrong; empty if nothing is. Raises EncoderFailed."""
    plan = _plan(encoder.codec)
    with tempfile.TemporaryDirectory(prefix="nightreel-proof-") as folder:
        source, made = Path(folder) / "source.mp4", Path(folder) / "made.mp4"
        _write_source(source, binaries.ffmpeg)
        encode(
            plan.jobs[0],
            plan,
            source,
            {_NAME: made},
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=_TIMEOUT_SECONDS,
            encoders={_NAME: encoder},
        )
        return fault_in(made, plan.video[0], binaries.ffprobe)


def _plan(codec: VideoCodec) -> Plan:
    """A plan like any title's, so that the options under test are those in use."""
    width, height = SIZE
    rendition = VideoRendition(
        name=_NAME,
        codec=codec,
        width=width,
        height=height,
        video_bps=400_000,
        maxrate_bps=440_000,
        preset="fast",
    )
    job = EncodeJob(kind="video", renditions=(_NAME,), start_frame=0, end_frame=FRAMES)
    return Plan(
        frame_rate=RATE,
        frames=FRAMES,
        gop_frames=GOP_FRAMES,
        segment_frames=GOP_FRAMES,
        video_stream=0,
        video=(rendition,),
        audio=(),
        jobs=(job,),
        colour=Colour(primaries="bt709", transfer="bt709", matrix="bt709"),
    )


def _write_source(path: Path, ffmpeg: str) -> None:
    generator = ("-f", "lavfi", "-i", PICTURE)
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", *generator, *coding, f"file:{path}"]
    process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=Sandbox(writes=(path.parent,)))


def _measure(path: Path, ffprobe: str) -> _Measured:
    entries = "packet=pts,size,flags:stream=codec_name,pix_fmt,time_base"
    command = [ffprobe, "-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json"]
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    answer = process.lines(
        [*command, str(path)],
        timeout_seconds=_TIMEOUT_SECONDS,
        sandbox=Sandbox(reads=(path,)),
        stderr=said,
    )
    return _Measured.model_validate_json("".join(answer))
