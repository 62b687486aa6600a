"""Accepts files as sources: checks their first bytes, and chooses their place in the bucket."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from secrets import token_hex

from nightreel.errors import NightreelError, SourceRejected
from nightreel.media.inspection.containers import Container
from nightreel.media.inspection.sniff import require_media
from nightreel.settings import Settings
from nightreel.sources.fetching import require_at_most
from nightreel.storage.bucket import Bucket
from nightreel.storage.multipart import MultipartUpload
from nightreel.vocabulary.prefixes import SOURCES, UPLOADS
from nightreel.vocabulary.title import Title

Sent = Callable[[int], None]
"""Told how many bytes were sent since the last call. Called from several threads."""

_MEDIA_TYPES: dict[Container, str] = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "avi": "video/x-msvideo",
    "ts": "video/mp2t",
    "mpg": "video/mpeg",
    "flv": "video/x-flv",
    "wmv": "video/x-ms-wmv",
    "ogv": "video/ogg",
    "mxf": "application/mxf",
    "dv": "video/dv",
    "rm": "application/vnd.rn-realmedia",
}
_UNKNOWN_TYPE = "application/octet-stream"
# A source may be replaced under the same URL.
_CACHE = "no-cache"
_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def require_videos(files: Sequence[Path], settings: Settings) -> None:
    """Raises NightreelError naming the files that are missing, or that a night would refuse.

    Checks only size and first bytes, and uses the sentences of inspection.
    """
    faults = [f"{path}: {fault}" for path in files if (fault := _fault(path, settings))]
    if faults:
        raise NightreelError("; ".join(faults))


def upload_source(bucket: Bucket, path: Path, title: Title, sent: Sent) -> str:
    """Sends a file to its title's place in the bucket; returns its public URL, percent-encoded.

    Raises SourceRejected for a file that is not a video, StorageUnavailable and ConfigurationError.
    """
    key = source_key(title, path.name)
    bucket.put_file(path, key, _media_type(require_media(path)), _CACHE, sent=sent)
    return bucket.public_url_of(key)


def begin_upload(bucket: Bucket, container: Container | None = None) -> MultipartUpload:
    """Begins an upload in parts, under a key that no object has, so that it replaces no source.

    `container` is the file's format, if known.
    """
    key = new_source_key(f".{container}" if container else "")
    return bucket.begin_upload(key, _media_type(container), _CACHE)


def new_source_key(suffix: str = "") -> str:
    """A key that no object has."""
    return f"{UPLOADS}{token_hex(16)}{suffix}"


def source_key(title: Title, name: str) -> str:
    """`sources/movies/7/film.mp4`."""
    return f"{SOURCES}{title.folder}{safe_name(name)}"


def safe_name(name: str) -> str:
    """A file name that is safe in a key and a URL: ASCII letters, digits, `.`, `_` and `-`.

    Accents are dropped; characters without an ASCII form become `-`; the extension stays.
    """
    path = Path(name)
    stem, extension = (_ascii(part) for part in (path.stem, path.suffix))
    return f"{stem.strip('.-')[:_LONGEST_NAME] or 'source'}{extension.lower()}"


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


def _media_type(container: Container | None) -> str:
    return _MEDIA_TYPES.get(container, _UNKNOWN_TYPE) if container else _UNKNOWN_TYPE


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)
