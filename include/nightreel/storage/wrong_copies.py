"""Copies of an object that were changed in transit: they are read again."""

import re

from nightreel.errors import StorageUnavailable

_MOST_COPIES = 3
_MD5 = re.compile("[0-9a-f]{32}")


class WrongCopies:
    """Wrong copies of one object. `name` is how people know the object.

    S3 and R2 use the MD5 of an object that was uploaded in one piece as its ETag. On other services an
    ETag may only look like an MD5: then every copy has the same bytes. A fault in transit may also change
    the same place of each answer, so the next copy is requested in two pieces: then other bytes change.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: list[str] = []

    def is_it(self, md5: str, etag: str) -> bool:
        """Whether a copy with this MD5 can be the object with this ETag."""
        return not _MD5.fullmatch(etag) or md5 == etag or md5 in self._seen

    def cut(self, size: int) -> int | None:
        """Where to cut the next copy in two, in bytes; None for the first copy, which is one piece."""
        return size * len(self._seen) // (_MOST_COPIES + 1) or None

    def add(self, digest: str) -> None:
        """Notes a wrong copy. Raises StorageUnavailable when there are too many."""
        self._seen.append(digest)
        if len(self._seen) > _MOST_COPIES:
            raise StorageUnavailable(
                f"{self._name} arrives with different bytes each time, and never the right ones: "
                "something between it and this machine changes them"
            )
