"""What a decoder makes of a segment: packets are demuxed and decrypted, and some frames decoded."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nightreel.vocabulary.protection import ContentKey

_LOOK_SIDE = 16
_SURELY_ENCRYPTED_BYTES = 512
"""A sample at least this long has a block that cbcs encrypts; a shorter one may be all headers."""
_PRIMARIES = {1: "bt709", 2: "unspecified", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS = {1: "bt709", 2: "unspecified", 6: "smpte170m", 16: "smpte2084", 18: "arib-std-b67"}
_MATRICES = {0: "rgb", 1: "bt709", 2: "unspecified", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
_RANGES = {0: "unspecified", 1: "limited", 2: "full"}


@dataclass(frozen=True, slots=True)
class Picture:
    """The first decoded frame of a segment.

    `colours` are primaries, transfer, matrix and range in FFmpeg's names of Rec. ITU-T H.273.
    `look` is its luma in 16 rows of 16: the same for every rendition of the same moment, nearly.
    """

    width: int
    height: int
    pixel_format: str
    profile: str
    sample_aspect_ratio: Fraction | None
    colours: str
    look: bytes


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was read. Faults are sentences or empty; `picture` is None for sound.

    `clear_packets` counts those that are as long as an encrypted one, and the same without the key.
    """

    packets: int = 0
    picture: Picture | None = None
    clear_packets: int = 0
    demux_fault: str = ""
    decode_fault: str = ""


def decode(data: bytes, key: ContentKey | None, frames: int | None = 1) -> Decoded:
    """Demux an init segment with the media segment after it, and decode the frames of its ends.

    These are the first `frames`, or all for None, and of a picture the last keyframe as well. With `key`,
    the packets are decrypted first.
    """
    options = {} if key is None else {"decryption_key": key.key.hex()}
    packets: list[Packet[Stream]] = []
    try:
        with av.open(io.BytesIO(data), "r", format="mp4", options=options) as container:
            stream = container.streams[0]
            packets = [packet for packet in container.demux(stream) if packet.size]
            if not packets:
                return Decoded(demux_fault="no packet can be read")
            picture, fault = decode_ends(stream, packets, frames)
        clear = 0 if key is None else _unchanged(data, packets)
    except (FFmpegError, IndexError, ValueError) as error:
        return Decoded(len(packets), demux_fault=f"it cannot be demuxed: {_told(error)}")
    return Decoded(len(packets), picture, clear, decode_fault=fault)


def decode_ends(
    stream: Stream, packets: Sequence["Packet[Stream]"], frames: int | None = 1
) -> tuple[Picture | None, str]:
    """The first frame, and what is wrong with the first `frames` or the last keyframe; None for sound."""
    which = {None: "frames", 1: "first frame"}.get(frames, "first frames")
    if isinstance(stream, AudioStream):
        return None, _sound_fault(stream.codec_context, packets[:frames], which)
    if not isinstance(stream, VideoStream):
        return None, ""
    decoder = stream.codec_context
    # A damaged keyframe is to be an error and not a grey picture. Concealment stays on, because without it
    # FFmpeg takes every frame of several slices for a corrupt one; what it conceals, it marks as corrupt.
    decoder.thread_type = "NONE"
    decoder.options = {"err_detect": "explode"}
    frame, fault = _frame(decoder, packets[:frames], which)
    if frame is None or fault:
        return None, fault
    picture = _described(frame, decoder)
    last = next(packet for packet in reversed(packets) if packet.is_keyframe or packet is packets[0])
    if frames is not None and last is not packets[0]:
        decoder.flush_buffers()
        _, fault = _frame(decoder, [last], "last keyframe")
    return picture, fault


def _frame(
    decoder: VideoCodecContext, packets: Sequence["Packet[Stream]"], which: str
) -> tuple[VideoFrame | None, str]:
    """The first frame of these packets, and why not all of them can be decoded."""
    first, count, corrupt = None, 0, False
    try:
        # One by one: all frames of a segment together would need gigabytes.
        for frame in (frame for packet in (*packets, None) for frame in decoder.decode(packet)):
            first, count = frame if first is None else first, count + 1
            corrupt = corrupt or frame.is_corrupt
    except FFmpegError as error:
        return None, f"the {which} cannot be decoded: {_told(error)}"
    return (None, f"the {which} cannot be decoded") if corrupt or count < len(packets) else (first, "")


def _sound_fault(decoder: Any, packets: Sequence["Packet[Stream]"], which: str) -> str:
    decoder.options = {"err_detect": "explode"}
    try:
        frames = sum(len(decoder.decode(packet)) for packet in (*packets, None))
    except FFmpegError as error:
        return f"the {which} cannot be decoded: {_told(error)}"
    return f"the {which} cannot be decoded" if frames < len(packets) else ""


def _described(frame: VideoFrame, decoder: VideoCodecContext) -> Picture:
    return Picture(
        width=frame.width,
        height=frame.height,
        pixel_format=frame.format.name,
        profile=decoder.profile or "",
        sample_aspect_ratio=decoder.sample_aspect_ratio,
        colours="/".join(
            names.get(int(value), str(int(value)))
            for names, value in (
                (_PRIMARIES, frame.color_primaries),
                (_TRANSFERS, frame.color_trc),
                (_MATRICES, frame.colorspace),
                (_RANGES, frame.color_range),
            )
        ),
        look=_look(frame),
    )


def _look(frame: VideoFrame) -> bytes:
    plane = frame.reformat(width=_LOOK_SIDE, height=_LOOK_SIDE, format="gray").planes[0]
    data, stride = bytes(plane), plane.line_size
    return b"".join(data[start : start + _LOOK_SIDE] for start in range(0, _LOOK_SIDE * stride, stride))


def _unchanged(data: bytes, decrypted: Sequence["Packet[Stream]"]) -> int:
    """How many packets of some length are the same without the key."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        stored = [bytes(packet) for packet in container.demux(container.streams[0]) if packet.size]
    return sum(
        len(raw) >= _SURELY_ENCRYPTED_BYTES and raw == bytes(packet)
        for raw, packet in zip(stored, decrypted, strict=True)
    )


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
