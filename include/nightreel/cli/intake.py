"""Taking a file in: its id, its place in the bucket, its row in the catalog."""

import mimetypes
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nightreel.errors import NightreelError
from nightreel.title import Title

if TYPE_CHECKING:
    from nightreel.deployment import Deployment

Sent = Callable[[int], None]
"""Told the bytes that were sent since the last call. Called from several threads."""

_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# A source may be replaced under the same URL.
_CACHE = "no-cache"


def safe_name(name: str) -> str:
    """A file name for a key and a URL: ASCII letters, digits, `.`, `_` and `-`.

    Accents are dropped; what has no ASCII form becomes `-`; the extension stays.
    """
    path = Path(name)
    stem, extension = (_ascii(part) for part in (path.stem, path.suffix))
    return f"{stem.strip('.-')[:_LONGEST_NAME] or 'source'}{extension.lower()}"


def source_key(title: Title, name: str) -> str:
    """`sources/movies/7/film.mp4`."""
    return f"sources/{title.content_type}s/{title.content_id}/{safe_name(name)}"


def upload_source(place: "Deployment", path: Path, title: Title, sent: Sent) -> str:
    """Sends the file to the bucket and returns its public URL, percent-encoded.

    Raises StorageUnavailable, ConfigurationError.
    """
    bucket = place.bucket()
    key = source_key(title, path.name)
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    bucket.put_file(path, key, content_type, _CACHE, sent=sent)
    return bucket.public_url_of(key)


def require_readable(files: Sequence[Path]) -> None:
    """Raises NightreelError naming the files that are missing, empty or no files."""
    faults = [f"{path} {fault}" for path in files if (fault := _fault(path))]
    if faults:
        raise NightreelError("; ".join(faults))


def _fault(path: Path) -> str:
    if not path.is_file():
        return "is no file"
    return "" if path.stat().st_size else "is empty"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)
