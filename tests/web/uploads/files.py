"""Files that begin as videos do; what follows is noise, which no upload looks at."""

from random import Random

MIB = 1 << 20
_FILE_TYPE_BOX = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1"


def video_of(size: int, seed: int = 0) -> bytes:
    """An MP4 of so many bytes, as far as its first ones tell."""
    return (_FILE_TYPE_BOX + Random(seed).randbytes(size))[:size]
