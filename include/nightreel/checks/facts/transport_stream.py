"""One segment of MPEG-TS, measured: decrypted, demuxed, its picture and its sound each by itself.

The clock (ISO/IEC 13818-1, 2.4.3.7) shows the title's own time.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from nightreel.checks.facts.decoding import Picture, decode_ends
from nightreel.checks.facts.segments import Timing
from nightreel.media.packaging.transport_stream import CLOCK_HERTZ
from nightreel.media.renditions import AAC_FRAME_SAMPLES
from nightreel.vocabulary.protection import ContentKey

_TICK = Fraction(1, CLOCK_HERTZ)
_BLOCK_BITS = 128
_PACKET_BYTES, _SYNC_BYTE = 188, 0x47
_START_CODE = b"\0\0\1"
_IDR_SLICE, _OTHER_SLICES, _PARAMETERS = 5, range(1, 5), 7
_SAMPLE_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
)


@dataclass(frozen=True, slots=True)
class PictureStream:
    """The picture of a segment. `codec` as in RFC 6381; `timing.keyframes` are its IDR frames."""

    codec: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class SoundStream:
    """The sound of a segment, as its first ADTS header describes it (ISO/IEC 13818-7, 6.2)."""

    codec: str
    sample_rate: int
    channels: int
    timing: Timing


@dataclass(frozen=True, slots=True)
class TransportSegment:
    """One segment file. `size` in bytes as it lies there; faults are sentences or empty.

    `contents` are its streams in FFmpeg's names, as `h264 and aac`; `first_frame` is decoded.
    """

    name: str
    exists: bool
    size: int
    contents: str = ""
    picture: PictureStream | None = None
    sound: SoundStream | None = None
    first_frame: Picture | None = None
    fault: str = ""
    decode_fault: str = ""


@dataclass(frozen=True, slots=True)
class LonePicture:
    """What one entry of an I-frame playlist shows by itself; `fault` is a sentence or empty."""

    shown: Fraction | None = None
    fault: str = ""


class _Unreadable(Exception):
    """The segment cannot be read; the message is a sentence."""


def measure_transport_segment(
    path: Path, rate: Fraction, *, encrypted: bool, key: ContentKey | None
) -> TransportSegment:
    """Measure one segment of pictures at a frame rate. Damage is reported in the faults, never raised."""
    if not path.is_file():
        return TransportSegment(path.name, exists=False, size=0, fault="the file is missing")
    data = path.read_bytes()
    try:
        return _demuxed(path.name, len(data), _decrypted(data, key) if encrypted else data, rate)
    except _Unreadable as error:
        return TransportSegment(path.name, exists=True, size=len(data), fault=str(error))
    except (FFmpegError, IndexError, ValueError) as error:
        told = f"it cannot be demuxed: {getattr(error, 'strerror', None) or error}"
        return TransportSegment(path.name, exists=True, size=len(data), fault=told)


def measure_lone_picture(data: bytes, rate: Fraction) -> LonePicture:
    """Decode a part of a clear segment that should be one keyframe with all that it needs."""
    segment = TransportSegment("", exists=True, size=len(data))
    try:
        segment = _demuxed("", len(data), data, rate)
    except (_Unreadable, FFmpegError, IndexError, ValueError) as error:
        return LonePicture(fault=str(error))
    timing = segment.picture.timing if segment.picture else None
    if timing is None or timing.keyframes != (0,) or timing.samples != 1:
        return LonePicture(fault="it is not one keyframe")
    return LonePicture(timing.shown_start, segment.decode_fault)


def _decrypted(data: bytes, key: ContentKey | None) -> bytes:
    """The clear segment: AES-128 in CBC mode with PKCS7 padding (RFC 8216, 4.3.2.4)."""
    if key is None:
        raise _Unreadable("it is encrypted, and its key is not at hand")
    decryptor = Cipher(algorithms.AES(key.key), modes.CBC(key.iv)).decryptor()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        padded = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise _Unreadable("it cannot be decrypted with the key of the release") from None


def _demuxed(name: str, size: int, data: bytes, rate: Fraction) -> TransportSegment:
    if set(data[::_PACKET_BYTES]) != {_SYNC_BYTE} or len(data) % _PACKET_BYTES:
        raise _Unreadable("it is not made of whole packets of MPEG-TS")
    with av.open(io.BytesIO(data), "r", format="mpegts") as container:
        by_stream: dict[int, list[Packet[Stream]]] = {stream.index: [] for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                by_stream[packet.stream.index].append(packet)
        if any(packet.is_corrupt for packets in by_stream.values() for packet in packets):
            raise _Unreadable("bytes are missing in its middle or at its end")
        pictures = [stream for stream in container.streams.video if by_stream[stream.index]]
        sounds = [stream for stream in container.streams.audio if by_stream[stream.index]]
        shown, decode_fault = (
            decode_ends(pictures[0], by_stream[pictures[0].index]) if pictures else (None, "")
        )
        return TransportSegment(
            name=name,
            exists=True,
            size=size,
            contents=" and ".join(stream.codec_context.name for stream in (*pictures, *sounds)),
            picture=_picture(by_stream[pictures[0].index], rate) if pictures else None,
            sound=_sound(by_stream[sounds[0].index]) if sounds else None,
            first_frame=shown,
            decode_fault=decode_fault,
        )


def _picture(packets: Sequence["Packet[Stream]"], rate: Fraction) -> PictureStream:
    decoded = [_on_grid(_seconds(packet.dts), rate) for packet in packets]
    shown = [_on_grid(_seconds(packet.pts), rate) for packet in packets]
    return PictureStream(
        codec=_avc_codec(bytes(packets[0])),
        timing=Timing(
            decode_start=decoded[0],
            decode_end=decoded[-1] + 1 / rate,
            shown_start=min(shown),
            shown_end=max(shown) + 1 / rate,
            samples=len(packets),
            keyframes=tuple(place for place, packet in enumerate(packets) if _is_idr(bytes(packet))),
            early_frames=sum(time < shown[0] for time in shown),
            byte_ranges=(),
        ),
    )


def _sound(packets: Sequence["Packet[Stream]"]) -> SoundStream:
    header = bytes(packets[0])[:4]
    sample_rate = _SAMPLE_RATES[header[2] >> 2 & 15]
    start, last = _seconds(packets[0].pts), _seconds(packets[-1].pts)
    end = last + Fraction(AAC_FRAME_SAMPLES, sample_rate)
    return SoundStream(
        codec=f"mp4a.40.{(header[2] >> 6) + 1}",
        sample_rate=sample_rate,
        channels=(header[2] & 1) << 2 | header[3] >> 6,
        timing=Timing(
            decode_start=start,
            decode_end=end,
            shown_start=start,
            shown_end=end,
            samples=len(packets),
            keyframes=(),
            early_frames=0,
            byte_ranges=(),
        ),
    )


def _seconds(ticks: int | None) -> Fraction:
    if ticks is None:
        raise _Unreadable("a packet of it has no time")
    return ticks * _TICK


def _on_grid(seconds: Fraction, rate: Fraction) -> Fraction:
    """The frame's own time, where a whole tick of the clock stands for it."""
    frame = round(seconds * rate) / rate
    return frame if abs(frame - seconds) <= _TICK else seconds


def _nal_units(access_unit: bytes) -> Iterable[tuple[int, bytes]]:
    """Kind and first bytes of each NAL unit (H.264, annex B and table 7-1)."""
    position = access_unit.find(_START_CODE)
    while position >= 0:
        unit = access_unit[position + 3 : position + 7]
        if unit:
            yield unit[0] & 0x1F, unit
        position = access_unit.find(_START_CODE, position + 3)


def _is_idr(access_unit: bytes) -> bool:
    for kind, _ in _nal_units(access_unit):
        if kind == _IDR_SLICE:
            return True
        if kind in _OTHER_SLICES:
            return False
    return False


def _avc_codec(access_unit: bytes) -> str:
    """Of the sequence parameter set: profile, constraints and level; empty without one."""
    for kind, unit in _nal_units(access_unit):
        if kind == _PARAMETERS:
            return f"avc1.{unit[1:4].hex()}"
    return ""
