"""Taking a file in: its id, its place in the bucket, its row in the catalog."""

import mimetypes
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from nightreel.deployment import Deployment
from nightreel.errors import NightreelError, SourceRejected
from nightreel.media.inspection.sniff import require_media
from nightreel.settings import Settings
from nightreel.sources.fetching import require_at_most
from nightreel.vocabulary.title import Title

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


def upload_source(place: Deployment, path: Path, title: Title, sent: Sent) -> str:
    """Sends the file to the bucket and returns its public URL, percent-encoded.

    Raises StorageUnavailable, ConfigurationError.
    """
    bucket = place.bucket()
    key = source_key(title, path.name)
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    bucket.put_file(path, key, content_type, _CACHE, sent=sent)
    return bucket.public_url_of(key)


def require_videos(files: Sequence[Path], settings: Settings) -> None:
    """Raises NightreelError naming the files that are missing, or that a night would refuse.

    Of the latter it is told what a file's size and first bytes tell, in the words of inspection.
    """
    faults = [f"{path}: {fault}" for path in files if (fault := _fault(path, settings))]
    if faults:
        raise NightreelError("; ".join(faults))


def _fault(path: Path, settings: Settings) -> str:

    if not path.is_file():
        return "there is no such file"
    try:
        require_media(path)
        require_at_most(path.stat().st_size, settings)
    except SourceRejected as refused:
        return refused.sentence
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return ""


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)
