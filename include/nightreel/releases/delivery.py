"""Files as the public URLs deliver them: what came, and whether its headers are what players need."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import httpx

from nightreel.errors import StorageUnavailable
from nightreel.vocabulary.release import content_type_of

_TOO_MANY_REQUESTS = 429
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Delivery:
    """One file as delivered. `status` is that of HTTP; `size` in bytes, digest in lower-case hex."""

    url: str
    status: int
    content_type: str
    cache_control: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]

    def deviations(self, cache_control: str) -> tuple[str, ...]:
        """Sentences on how the delivery differs from what players and caches need."""
        if self.status != httpx.codes.OK:
            return (f"{self.name} answers HTTP {self.status}",)
        expected = content_type_of(self.name)
        found = []
        if self.content_type.partition(";")[0].strip().lower() != expected:
            found.append(
                f"{self.name} is delivered as {self.content_type or 'nothing'} instead of {expected}"
            )
        if _directives(self.cache_control) != _directives(cache_control):
            found.append(
                f"{self.name} is delivered with Cache-Control {self.cache_control or 'missing'} "
                f"instead of {cache_control}"
            )
        return tuple(found)


def fetch(client: httpx.Client, url: str, path: Path, limit: int | None = None) -> Delivery:
    """Fetch a URL into a file, in pieces; at most one piece beyond `limit` bytes.

    Raises StorageUnavailable when the host does not answer, or answers with a server error.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or (
                answer.status_code == _TOO_MANY_REQUESTS
            ):
                raise StorageUnavailable(f"{url} answers HTTP {answer.status_code}")
            if answer.status_code == httpx.codes.OK:
                with path.open("wb") as stream:
                    for piece in answer.iter_bytes(_PIECE_BYTES):
                        stream.write(piece)
                        digest.update(piece)
                        size += len(piece)
                        if limit is not None and size > limit:
                            break
            headers = answer.headers
    except httpx.TransportError as error:
        raise StorageUnavailable(f"{url} cannot be fetched: {error}") from error
    return Delivery(
        url=url,
        status=answer.status_code,
        content_type=headers.get("content-type", ""),
        cache_control=headers.get("cache-control", ""),
        size=size,
        sha256=digest.hexdigest(),
    )


def _directives(cache_control: str) -> set[str]:
    return {directive.strip().lower() for directive in cache_control.split(",")}
