"""What a title's `video_url` may be, and where its bytes are.

A source may be in the bucket, on R2_PUBLIC_URL's host or on a host that NIGHTREEL_ALLOWED_HOSTS names,
and nowhere else: the catalog must not be able to make Nightreel call an address of the internal
network. Here hosts are compared by name. The addresses behind a name are checked when connecting
(`nightreel.sources.destinations`).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from nightreel.errors import SourceRejected
from nightreel.redaction import shown_url
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_MAX_KEY_BYTES = 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class InBucket:
    """A source that is an object of the bucket."""

    key: str


@dataclass(frozen=True)
class OverHttp:
    """A source behind an http(s) URL with an allowed host."""

    url: str

    @property
    def shown(self) -> str:
        """The URL as it is shown in messages and stored."""
        return shown_url(self.url)


def locate(url: str, bucket: Bucket, settings: Settings) -> InBucket | OverHttp:
    """Where the bytes of this `video_url` are.

    It is an https URL, `s3://<bucket>/<key>`, or a bare key of the bucket. A URL below R2_PUBLIC_URL is
    read from the bucket itself, not through the cache in front of it.
    Raises SourceRejected for any other URL.
    """
    url = url.strip()
    if not url:
        raise SourceRejected("no_source_url", "the title has no video URL")
    scheme = _SCHEME.match(url)
    if not scheme:
        return _in_bucket(url.lstrip("/"))
    if scheme[1].lower() == "s3":
        return _object(url, bucket)
    parts = _split(url)
    public = urlsplit(bucket.public_url)
    folder = f"{public.path.rstrip('/')}/"
    if _origin(parts) == _origin(public) and parts.path.startswith(folder) and parts.path != folder:
        return _in_bucket(unquote(parts.path.removeprefix(folder)))
    require_allowed(url, bucket, settings)
    return OverHttp(url)


def require_allowed(url: str, bucket: Bucket, settings: Settings) -> None:
    """Raise SourceRejected unless Nightreel may connect to this http(s) URL.

    Must be called again for every redirect.
    """
    parts = _split(url)
    public = urlsplit(bucket.public_url)
    host = (parts.hostname or "").lower()
    if host in {allowed.lower() for allowed in settings.allowed_hosts}:
        return
    if _origin(parts) != _origin(public):
        raise SourceRejected(
            "host_not_allowed",
            f"the video URL points to the host {host!r} (port {_origin(parts)[1]}), which is neither that "
            "of R2_PUBLIC_URL nor in NIGHTREEL_ALLOWED_HOSTS",
        )
    if parts.scheme == "http" and public.scheme != "http":
        raise SourceRejected("insecure_url", f"the video URL on {host!r} must start with https://")


def _object(url: str, bucket: Bucket) -> InBucket:
    name, _, key = url.partition("://")[2].partition("/")
    if name != bucket.name:
        raise SourceRejected(
            "bucket_not_allowed",
            f"the video URL points to the bucket {name!r}; only R2_BUCKET_NAME ({bucket.name!r}) is read",
        )
    return _in_bucket(key)


def _in_bucket(key: str) -> InBucket:
    if not 0 < len(key.encode()) <= _MAX_KEY_BYTES:
        raise SourceRejected(
            "bad_source_url", f"an object's key has 1 to {_MAX_KEY_BYTES} bytes, this one {len(key.encode())}"
        )
    return InBucket(key)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SourceRejected("bad_source_url", "the video URL is malformed") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise SourceRejected(
            "unsupported_url", f"a video URL may be https:// or s3://, but not {parts.scheme}://"
        )
    if not parts.hostname or parts.username is not None:
        raise SourceRejected(
            "bad_source_url", "the video URL must name a host, without a user or password before it"
        )
    return parts


def _origin(parts: SplitResult) -> tuple[str, int]:
    """Host in lower case, and port. http and https on their default ports count as one."""
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    return (parts.hostname or "").lower(), 443 if port == 80 else port
