"""Fetches a title's source into the work area. Sources are only ever read."""

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import NightreelError, SourceRejected, StorageUnavailable, WorkAreaFull
from nightreel.redaction import shown_url
from nightreel.settings import Settings
from nightreel.sources.destinations import GoOn
from nightreel.sources.incoming import BeginAgain, Incoming, Whole, length_of, opened
from nightreel.sources.location import InBucket, locate
from nightreel.sources.origin import answer
from nightreel.sources.partial import Partial
from nightreel.storage.bucket import Bucket
from nightreel.storage.wrong_copies import WrongCopies

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and, if known, the total."""

RequireFree = Callable[[int], None]
"""Called with the bytes that must be free where the source is written; raises WorkAreaFull."""

_PAUSES = (0.0, 1.0, 5.0, 15.0)
"""Seconds before each attempt to continue a broken fetch. After the last, the task is retried."""
_ROOM_FACTOR = 1.05
_LEFT_FREE_BYTES = 1 << 30
"""What a source of unknown length must leave free on the disk, for other runs."""
_LOOK_BYTES = 64 << 20
_MOST_COPIES = 3


@dataclass(frozen=True)
class FetchedSource:
    """A fetched source: size in bytes, the origin's ETag (may be empty), SHA-256 in hex."""

    size: int
    etag: str
    sha256: str
    key_or_url: str


@dataclass(frozen=True)
class Callbacks:
    """What a fetch asks and reports while it runs."""

    progress: Progress = lambda _received, _total: None
    go_on: GoOn = lambda: None
    require_free: RequireFree = lambda _bytes: None


class _Copies:
    """The copies of a source whose end was not announced, and which may have been cut short.

    The origin is asked for what follows; if it does not know ranges, for the whole source once more.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[int, str]] = []

    @property
    def are_awaited(self) -> bool:
        return bool(self._seen)

    def agree_on(self, received: Partial, incoming: Incoming) -> bool:
        """Whether the same bytes arrived before. Raises StorageUnavailable when every copy differs."""
        copy = (received.size, received.sha256)
        if copy in self._seen:
            return True
        self._seen.append(copy)
        if len(self._seen) > _MOST_COPIES:
            received.begin(None)
            raise StorageUnavailable(
                f"{shown_url(incoming.key_or_url)} announces no length, and ended at another byte each time"
            )
        return False


def fetch(
    url: str,
    destination: Path,
    bucket: Bucket,
    settings: Settings,
    *,
    partial: Path | None = None,
    callbacks: Callbacks | None = None,
) -> FetchedSource:
    """Write the source behind a `video_url` to `destination`, whole or not at all.

    A broken transfer continues where it broke, also from a `partial` that an earlier try left, as long
    as the origin's ETag shows that the bytes are the same.
    Bytes that do not match the ETag, if that is an MD5, are fetched again.

    Raises SourceRejected when the URL is not allowed, or the source is missing, empty or larger than
    NIGHTREEL_MAX_SOURCE_BYTES; WorkAreaFull when the disk is too small (in both cases no file is left);
    StorageUnavailable when the origin fails or sends less than it announced.
    """
    asked = callbacks or Callbacks()
    with Partial(partial or destination.with_name(f"{destination.name}.part")) as received:
        try:
            etag, key_or_url = _received_whole(url, bucket, settings, received, asked)
            if received.size == 0:
                raise SourceRejected("source_empty", "the source has no bytes")
        except NightreelError as error:
            if received.validator is None or not isinstance(error, StorageUnavailable):
                received.discard()
            raise
        received.move_to(destination)
        return FetchedSource(received.size, etag, received.sha256, key_or_url)


def head_source(url: str, bucket: Bucket, settings: Settings, go_on: GoOn = lambda: None) -> int | None:
    """Size in bytes of the source behind a `video_url`, without reading it; None if unknown.

    Raises SourceRejected when the URL is not allowed; StorageUnavailable when the origin is silent.
    """
    where = locate(url, bucket, settings)
    if isinstance(where, InBucket):
        found = bucket.head(where.key)
        return found.size if found else None
    with answer("HEAD", where, bucket, settings, go_on=go_on) as response:
        return length_of(response) if response.is_success else None


def _received_whole(
    url: str, bucket: Bucket, settings: Settings, received: Partial, asked: Callbacks
) -> tuple[str, str]:
    """The ETag of what was received, and where it is."""
    pauses, copies, wrong = iter(_PAUSES), _Copies(), WrongCopies(shown_url(url))
    cut: int | None = None
    while True:
        before = received.size
        try:
            with opened(url, bucket, settings, received, copies.are_awaited, asked.go_on) as incoming:
                is_whole = _receive(incoming, received, settings, asked, cut)
            cut = None
            if not is_whole:
                continue
            etag, key_or_url = incoming.etag, incoming.key_or_url
            if not (incoming.is_framed or copies.agree_on(received, incoming)):
                continue
        except Whole as whole:
            etag, key_or_url = whole.etag, whole.key_or_url
        except BeginAgain:
            received.begin(None)
            continue
        except StorageUnavailable:
            pause = next(pauses, None)
            if pause is None or received.validator is None or received.size <= before:
                raise
            _wait(pause, asked.go_on)
            continue
        if wrong.is_it(md5 := received.md5, etag):
            return etag, key_or_url
        wrong.add(md5)
        cut = wrong.cut(received.size)
        received.begin(None)


def _wait(seconds: float, go_on: GoOn) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        go_on()
        time.sleep(min(left, 1.0))


def _receive(
    incoming: Incoming, received: Partial, settings: Settings, asked: Callbacks, cut: int | None
) -> bool:
    """Writes what arrives, or with `cut` only that many bytes; returns whether that is all there is.

    Stops when the source proves too large for the limit or for the disk.
    """
    if incoming.begins_at == 0:
        received.begin(incoming.validator)
    if incoming.size is None:
        asked.require_free(_LEFT_FREE_BYTES)
    else:
        require_at_most(incoming.size, settings)
        asked.require_free(int((incoming.size - received.size) * _ROOM_FACTOR))
    looked_at = received.size
    for piece in incoming.pieces:
        asked.go_on()
        _write(received, piece if cut is None else piece[: cut - received.size])
        if received.size == cut:
            return False
        require_at_most(received.size, settings)
        if incoming.size is None and received.size - looked_at >= _LOOK_BYTES:
            asked.require_free(_LEFT_FREE_BYTES)
            looked_at = received.size
        asked.progress(received.size, incoming.size)
    if incoming.size is not None and received.size != incoming.size:
        raise StorageUnavailable(
            f"{shown_url(incoming.key_or_url)} ended after {received.size} of {incoming.size} bytes"
        )
    return True


def _write(received: Partial, piece: bytes) -> None:
    try:
        received.write(piece)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise WorkAreaFull(
            f"the disk is full after {received.size} bytes of the source: free some space, or set "
            "NIGHTREEL_WORK_AREA to a larger disk"
        ) from None


def require_at_most(size: int, settings: Settings) -> None:
    """Raises SourceRejected (`source_too_large`) for more bytes than NIGHTREEL_MAX_SOURCE_BYTES."""
    if size > settings.max_source_bytes:
        raise SourceRejected(
            "source_too_large",
            f"the source has more than the {settings.max_source_bytes} bytes of NIGHTREEL_MAX_SOURCE_BYTES",
        )
