"""Adds boxes to MP4 files that FFmpeg does not write."""

import struct
from pathlib import Path

_SAMPLE_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")


def box(kind: bytes, *content: bytes) -> bytes:
    """A box (ISO/IEC 14496-12, section 4.2)."""
    body = b"".join(content)
    return (8 + len(body)).to_bytes(4) + kind + body


def with_box_in_sample_entry(source: Path, path: Path, added: bytes) -> Path:
    """A copy of an H.264 file whose sample entry ends with one more box."""
    data = bytearray(source.read_bytes())
    positions = []
    at = 0
    for kind in _SAMPLE_ENTRY:
        at = data.index(kind, at) - 4
        positions.append(at)
        at += 8
    (length,) = struct.unpack_from(">I", data, positions[-1])
    data[positions[-1] + length : positions[-1] + length] = added
    for at in positions:
        (length,) = struct.unpack_from(">I", data, at)
        struct.pack_into(">I", data, at, length + len(added))
    # The index is at the end, so what it points to has not moved.
    path.write_bytes(data)
    return path
