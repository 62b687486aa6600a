"""Copies of an object whose bytes something changed on their way: they are read again."""

import re

from nightreel.errors import StorageUnavailable

_MOST_COPIES = 3
_MD5 = re.compile("[0-9a-f]{32}")


class WrongCopies:
    """What came of one object and was not it. `name` is how a person knows the object.

    S3 and R2 have the MD5 of what was put in one piece for its ETag. Others have ETags that merely
    look so: then the same bytes come again.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: list[str] = []

    def is_it(self, md5: str, etag: str) -> bool:
        """Whether a copy with this MD5 can be what has this ETag."""
        return not _MD5.fullmatch(etag) or md5 == etag or md5 in self._seen

    def add(self, digest: str) -> None:
        """Raises StorageUnavailable when there are too many of them."""
        self._seen.append(digest)
        if len(self._seen) > _MOST_COPIES:
            raise StorageUnavailable(
                f"{self._name} arrives with different bytes each time, and never the right ones: "
                "something between it and this machine changes them"
            )
