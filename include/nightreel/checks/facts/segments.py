"""One media segment, measured: its boxes read, its packets demuxed, its first frame decoded."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from nightreel.checks.facts.boxes import BoxError
from nightreel.checks.facts.fragments import Fragment, read_fragments
from nightreel.checks.facts.init_segment import Track

_IDR_SLICE = 5
_OTHER_SLICES = range(1, 5)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a segment's samples are decoded and shown, in seconds of the title.

    `keyframes` are the positions of the sync samples (of pictures only: every sample of
    sound is one), `early_frames` how many samples are shown before the first one of the
    segment, `byte_ranges` from each fragment's start to the end of its first sample.
    """

    decode_start: Fraction
    decode_end: Fraction
    shown_start: Fraction
    shown_end: Fraction
    samples: int
    keyframes: tuple[int, ...]
    early_frames: int
    byte_ranges: tuple[tuple[int, int], ...]

    @property
    def duration(self) -> Fraction:
        return self.decode_end - self.decode_start


@dataclass(frozen=True, slots=True)
class Picture:
    """The first decoded frame of a segment."""

    width: int
    height: int
    pixel_format: str
    profile: str
    sample_aspect_ratio: Fraction | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment file. `size` in bytes, 0 when it is missing; faults are sentences or empty."""

    name: str
    exists: bool
    size: int
    track_id: int | None = None
    timing: Timing | None = None
    starts_with_idr: bool = False
    packets: int = 0
    picture: Picture | None = None
    box_fault: str = ""
    demux_fault: str = ""
    decode_fault: str = ""


def measure_segment(path: Path, init: bytes, track: Track | None) -> Segment:
    """Measure one segment. Damage is told in the faults, never raised."""
    if not path.is_file():
        return Segment(path.name, exists=False, size=0, box_fault="the file is missing")
    data = path.read_bytes()
    timing, track_id, idr, box_fault = _read_boxes(data, track)
    packets, picture, demux_fault, decode_fault = _demux(init + data)
    return Segment(
        name=path.name,
        exists=True,
        size=len(data),
        track_id=track_id,
        timing=timing,
        starts_with_idr=idr,
        packets=packets,
        picture=picture,
        box_fault=box_fault,
        demux_fault=demux_fault,
        decode_fault=decode_fault,
    )


def _read_boxes(data: bytes, track: Track | None) -> tuple[Timing | None, int | None, bool, str]:
    if track is None:
        return None, None, False, "the init segment cannot be read"
    if not data:
        return None, None, False, "the file is empty"
    try:
        fragments = read_fragments(data, track)
    except BoxError as error:
        return None, None, False, str(error)
    idr = fragments[0].samples[0].sync and _is_idr(data, fragments[0], track.nal_length)
    return _timing(fragments, track), fragments[0].track_id, idr, ""


def _timing(fragments: tuple[Fragment, ...], track: Track) -> Timing:
    timescale, is_video = track.timescale, track.handler == "vide"
    times = [time for fragment in fragments for time in fragment.presentation_times]
    samples = [sample for fragment in fragments for sample in fragment.samples]
    ends = [time + sample.duration for time, sample in zip(times, samples, strict=True)]
    return Timing(
        decode_start=Fraction(fragments[0].decode_start, timescale),
        decode_end=Fraction(fragments[-1].decode_end, timescale),
        shown_start=Fraction(min(times), timescale),
        shown_end=Fraction(max(ends), timescale),
        samples=len(samples),
        keyframes=tuple(position for position, sample in enumerate(samples) if is_video and sample.sync),
        early_frames=sum(time < times[0] for time in times),
        byte_ranges=tuple((fragment.start, fragment.first_sample_end) for fragment in fragments),
    )


def _is_idr(data: bytes, fragment: Fragment, nal_length: int) -> bool:
    """Whether the first slice of the first sample is that of an IDR picture (H.264, table 7-1).

    A sync flag alone is a promise: a recovery point that is no IDR may carry it as well.
    """
    position, end = fragment.payload_start, fragment.first_sample_end
    while nal_length and position + nal_length < end:
        length = int.from_bytes(data[position : position + nal_length], "big")
        kind = data[position + nal_length] & 0x1F
        if kind == _IDR_SLICE:
            return True
        if kind in _OTHER_SLICES:
            return False
        position += nal_length + length
    return False


def _demux(data: bytes) -> tuple[int, Picture | None, str, str]:
    """Number of packets, the first frame, and what went wrong in demuxing and decoding."""
    packets, first = 0, None
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as container:
            stream = container.streams[0]
            for packet in container.demux(stream):
                if packet.size:
                    packets += 1
                    first = first or packet
            if first is None:
                return 0, None, "no packet can be read", ""
            if not isinstance(stream, VideoStream):
                return packets, None, "", ""
            picture, fault = _first_frame(stream.codec_context, first)
            return packets, picture, "", fault
    except (FFmpegError, IndexError, ValueError) as error:
        return packets, None, f"it cannot be demuxed: {_told(error)}", ""


def _first_frame(decoder: VideoCodecContext, packet: "Packet[Stream]") -> tuple[Picture | None, str]:
    # Without concealment, so that a damaged keyframe is an error and not a grey picture.
    decoder.thread_type = "NONE"
    decoder.options = {"err_detect": "explode", "ec": "0"}
    try:
        frames = [*decoder.decode(packet), *decoder.decode(None)]
    except FFmpegError as error:
        return None, f"the first frame cannot be decoded: {_told(error)}"
    if not frames or frames[0].is_corrupt:
        return None, "the first frame cannot be decoded"
    frame = frames[0]
    return Picture(
        width=frame.width,
        height=frame.height,
        pixel_format=frame.format.name,
        profile=decoder.profile or "",
        sample_aspect_ratio=decoder.sample_aspect_ratio,
    ), ""


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
