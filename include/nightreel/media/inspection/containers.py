"""The file formats that are accepted as sources, each recognised by its first bytes.

One demuxer of FFmpeg reads each of them, and `source_input` allows FFmpeg no others: none of these opens
another file or the network, and none takes text, an image or a playlist for a film.
"""

from collections.abc import Callable
from typing import Literal

Container = Literal[
    "mp4", "mov", "mkv", "webm", "avi", "ts", "mpg", "flv", "wmv", "ogv", "mxf", "dv", "rm", "wtv", "ivf"
]
"""The usual file extension of each format."""

_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"styp", b"moof"}
"""Boxes that an MP4 or MOV may begin with; QuickTime files need no `ftyp` (QTFF, "File Type")."""
_QUICKTIME = b"qt  "
_EBML = b"\x1aE\xdf\xa3"
_MATROSKA_TYPES = (b"matroska", b"webm")
_MXF_PARTITION = bytes.fromhex("060e2b34020501010d010201 01".replace(" ", ""))
"""The key of a header partition pack (SMPTE ST 377-1, 6.2); zeros may precede it."""
_MXF_RUN_IN_BYTES = 65_536
_SYNC_BYTE = 0x47
_PACKET_SIZES = (188, 192, 204)
"""Packets of a transport stream (ISO/IEC 13818-1, 2.4.3.2): plain, with a time (Blu-ray), with parity."""
_PACKETS_IN_STEP = 8
_LEAST_IN_STEP = 3
_STARTS: dict[bytes, Container] = {
    b"FLV\x01": "flv",
    b".RMF": "rm",
    b"DKIF": "ivf",
    # The pack header of a program stream (ISO/IEC 13818-1, 2.5.3.3; MPEG-1 systems).
    b"\x00\x00\x01\xba": "mpg",
    # The header object (Advanced Systems Format, 3.1), and Windows Media Center's header.
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"): "wmv",
    bytes.fromhex("b7d800203749da11a64e0007e95ead8d"): "wtv",
}
_OGG = b"OggS"
_OGG_PICTURES = (b"\x80theora", b"OVP80", b"BBCD")
# The header block of the first DIF sequence (IEC 61834-2), without its reserved and varying bits.
_DV_HEADER, _DV_MASK = 0x1F07003F, 0xFFFFFF7F


def container_in(head: bytes) -> Container | None:
    """The format of a file with this beginning; None if it is not accepted."""
    return next((found for recognised in _RECOGNISERS if (found := recognised(head))), None)


def _mp4(head: bytes) -> Container | None:
    if head[4:8] not in _MP4_BOXES:
        return None
    return "mov" if head[4:8] != b"ftyp" or head[8:12] == _QUICKTIME else "mp4"


def _matroska(head: bytes) -> Container | None:
    # The document's type is in the EBML header, which is short (RFC 8794, section 11.2.1).
    if not head.startswith(_EBML) or not any(kind in head[:128] for kind in _MATROSKA_TYPES):
        return None
    return "webm" if b"webm" in head[:128] else "mkv"


def _riff(head: bytes) -> Container | None:
    return "avi" if head[:4] in (b"RIFF", b"ON2 ") and head[8:12] in (b"AVI ", b"AVIX", b"ON2f") else None


def _by_its_start(head: bytes) -> Container | None:
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)


def _ogg(head: bytes) -> Container | None:
    return "ogv" if head.startswith(_OGG) and any(kind in head for kind in _OGG_PICTURES) else None


def _mxf(head: bytes) -> Container | None:
    return "mxf" if _MXF_PARTITION in head[: _MXF_RUN_IN_BYTES + len(_MXF_PARTITION)] else None


def _dv(head: bytes) -> Container | None:
    return "dv" if int.from_bytes(head[:4]) & _DV_MASK == _DV_HEADER else None


def _transport_stream(head: bytes) -> Container | None:
    return "ts" if any(_in_step(head, size) for size in _PACKET_SIZES) else None


def _in_step(head: bytes, size: int) -> bool:
    """Whether packets of this size follow one another. The first one may be cut off."""
    for start in range(size):
        syncs = head[start : start + size * _PACKETS_IN_STEP : size]
        if len(syncs) >= _LEAST_IN_STEP and set(syncs) == {_SYNC_BYTE}:
            # A file of only a few packets must consist of them to its end.
            return len(syncs) == _PACKETS_IN_STEP or start == size - 188 or start == 0
    return False


_RECOGNISERS: tuple[Callable[[bytes], Container | None], ...] = (
    _mp4,
    _matroska,
    _riff,
    _by_its_start,
    _ogg,
    _mxf,
    _dv,
    _transport_stream,
)
