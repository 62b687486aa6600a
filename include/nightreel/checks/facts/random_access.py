"""Whether the first sample of a segment is a picture from which any player can start.

A sync flag alone is a promise: what its bytes say counts. They can be read of encrypted samples
too, because cbcs leaves the headers of slices and frames clear (ISO/IEC 23001-7, 10.4).
"""

from nightreel.checks.facts.fragments import Fragment
from nightreel.checks.facts.init_segment import Track

_AVC_IDR, _AVC_OTHER_SLICES = (5,), range(1, 5)
_HEVC_IDR, _HEVC_OTHER_SLICES = (19, 20), (*range(10), *range(16, 19), 21)
"""IDR_W_RADL and IDR_N_LP (H.265, table 7-1). A CRA may have pictures that cannot be decoded from it."""
_FRAME_HEADER, _FRAME = 3, 6
_EXTENSION, _HAS_SIZE = 0x04, 0x02
_SHOW_EXISTING, _FRAME_TYPE, _SHOW_FRAME = 0x80, 0x60, 0x10


def starts_with_idr(data: bytes, fragment: Fragment, track: Track) -> bool:
    """Whether the fragment's first sample is an IDR picture, or a shown key frame of AV1."""
    if not fragment.samples[0].sync:
        return False
    sample = data[fragment.payload_start : fragment.first_sample_end]
    if track.format == "av01":
        return _starts_with_key_frame(sample)
    if track.format in ("hvc1", "hev1"):
        kinds = [header >> 1 & 0x3F for header in _nal_headers(sample, track.nal_length)]
        return _first_slice_is(kinds, _HEVC_IDR, _HEVC_OTHER_SLICES)
    kinds = [header & 0x1F for header in _nal_headers(sample, track.nal_length)]
    return _first_slice_is(kinds, _AVC_IDR, _AVC_OTHER_SLICES)


def _first_slice_is(kinds: list[int], wanted: "tuple[int, ...]", others: "tuple[int, ...] | range") -> bool:
    return next((kind in wanted for kind in kinds if kind in wanted or kind in others), False)


def _nal_headers(sample: bytes, nal_length: int) -> list[int]:
    """The first byte of every NAL unit."""
    headers: list[int] = []
    position = 0
    while nal_length and position + nal_length < len(sample):
        length = int.from_bytes(sample[position : position + nal_length], "big")
        headers.append(sample[position + nal_length])
        position += nal_length + length
    return headers


def _starts_with_key_frame(sample: bytes) -> bool:
    """Whether the first frame header is that of a key frame which is shown (AV1, 5.9.2)."""
    position = 0
    while position < len(sample):
        header = sample[position]
        body = position + (2 if header & _EXTENSION else 1)
        length = len(sample) - body
        if header & _HAS_SIZE:
            length, body = _leb128(sample, body)
        if header >> 3 & 15 in (_FRAME_HEADER, _FRAME) and body < len(sample):
            flags = sample[body]
            return not flags & (_SHOW_EXISTING | _FRAME_TYPE) and bool(flags & _SHOW_FRAME)
        position = body + length
    return False


def _leb128(sample: bytes, position: int) -> tuple[int, int]:
    """A number of AV1, and where it ends (AV1, 4.10.5)."""
    value = 0
    for count, byte in enumerate(sample[position : position + 8]):
        value |= (byte & 0x7F) << (7 * count)
        if not byte & 0x80:
            return value, position + count + 1
    return len(sample), len(sample)
