"""Copies of an object that were changed in transit: they are read again."""

import re

from nightreel.errors import StorageUnavailable

_MOST_COPIES = 3
_MD5 = re.compile("[0-9a-f]{32}")


class WrongCopies:
    """Wrong copies of one object. `name` is how a person knows the object.

    S3 and R2 use the MD5 of an object put in one piece as its ETag. Others have ETags that merely
    look so: then the same bytes come again, even where the next copy is asked for in two pieces. What
    changes bytes by their place in an answer changes others then.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: list[str] = []

    def is_it(self, md5: str, etag: str) -> bool:
        """Whether a copy with this MD5 can be the object with this ETag."""
        return not _MD5.fullmatch(etag) or md5 == etag or md5 in self._seen

    def cut(self, size: int) -> int | None:
        """After how many of its bytes to ask for the rest of the next copy anew; None for the first copy."""
        return size * len(self._seen) // (_MOST_COPIES + 1) or None

    def add(self, digest: str) -> None:
        """Raises StorageUnavailable when there are too many of them."""
        self._seen.append(digest)
        if len(self._seen) > _MOST_COPIES:
            raise StorageUnavailable(
                f"{self._name} arrives with different bytes each time, and never the right ones: "
                "something between it and this machine changes them"
            )
