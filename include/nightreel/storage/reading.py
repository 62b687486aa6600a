"""Reads whole objects and makes sure that they are what was stored."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from nightreel.errors import ObjectChanged
from nightreel.storage.objects import ObjectInfo, OpenObject
from nightreel.storage.wrong_copies import WrongCopies

Opens = Callable[..., AbstractContextManager[OpenObject | None]]
"""`Bucket.open`."""


def read_whole(opens: Opens, key: str, name: str, into: BinaryIO, sha256: str = "") -> ObjectInfo | None:
    """Write an object into a file; returns None if there is no object. `name` is how people know it.

    It is read again while it does not match the SHA-256 or, without one, an ETag that is an MD5.
    Raises StorageUnavailable when the bytes are different each time.
    """
    wrong = WrongCopies(name)
    while True:
        digest = hashlib.sha256() if sha256 else hashlib.md5(usedforsecurity=False)
        into.seek(0)
        into.truncate()
        try:
            found = _copy(opens, key, into, digest, None if sha256 else wrong)
        except ObjectChanged:
            wrong.add(digest.hexdigest())
            continue
        if found is None:
            return None
        came = digest.hexdigest()
        if came == sha256 if sha256 else wrong.is_it(came, found.etag):
            return found
        wrong.add(came)


def _copy(
    opens: Opens, key: str, into: BinaryIO, digest: "hashlib._Hash", wrong: WrongCopies | None
) -> ObjectInfo | None:
    """Writes one copy; after `wrong` ones, in two pieces."""
    with opens(key) as whole:
        if whole is None:
            return None
        cut = wrong.cut(whole.info.size) if wrong else None
        _write(_first(whole.pieces, cut), into, digest)
    if cut is not None:
        with opens(key, cut, whole.info.etag) as rest:
            _write(rest.pieces if rest else iter(()), into, digest)
    return whole.info


def _first(pieces: Iterator[bytes], count: int | None) -> Iterator[bytes]:
    """The first `count` bytes of `pieces`; all of them for None."""
    if count is None:
        yield from pieces
        return
    for piece in pieces:
        yield piece[:count]
        count -= len(piece)
        if count <= 0:
            return


def _write(pieces: Iterator[bytes], into: BinaryIO, digest: "hashlib._Hash") -> None:
    for piece in pieces:
        digest.update(piece)
        into.write(piece)
