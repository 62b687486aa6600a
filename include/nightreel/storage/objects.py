"""What a bucket says about its objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ObjectInfo:
    """An entry of a listing: size in bytes, ETag without its quotes."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class OpenObject:
    """An object being read; `pieces` yields its bytes once, 1 MiB at a time."""

    info: ObjectInfo
    pieces: Iterator[bytes]
