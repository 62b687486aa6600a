"""Asks origins for the sizes of the sources of scanned rows, with short timeouts."""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nightreel.errors import NightreelError, StorageUnavailable
from nightreel.night.rows import SourceRow
from nightreel.settings import Settings
from nightreel.sources.fetching import head_source
from nightreel.storage.bucket import Bucket

log = logging.getLogger(__name__)

_THREADS = 32
_AT_ONCE_PER_HOST = 8
_SILENCES = 2
"""A host that is silent this often is not asked again. Until it has answered once, it gets no more
requests than this at a time."""
_SILENCE_SECONDS = 10
"""Shorter than for a fetch, because a size is not worth much waiting."""


@dataclass
class _Host:
    """The rows whose sources are on one host, and how it has behaved so far."""

    rows: deque[int] = field(default_factory=deque)
    asked: int = 0
    silences: int = 0
    has_answered: bool = False

    @property
    def may_be_asked(self) -> bool:
        at_once = _AT_ONCE_PER_HOST if self.has_answered else _SILENCES - self.silences
        return bool(self.rows) and not self.is_silent and self.asked < at_once

    @property
    def is_silent(self) -> bool:
        return self.silences >= _SILENCES

    def begin(self) -> int:
        """Returns the row whose size is asked for next."""
        self.asked += 1
        return self.rows.popleft()

    def hear(self, answer: Future[int | None]) -> int | None:
        self.asked -= 1
        if isinstance(answer.exception(), StorageUnavailable):
            self.silences += 1
            return None
        self.has_answered = True
        return answer.result()

    def forget_rows(self) -> None:
        self.rows.clear()
        self.asked = 0


class SourceSizes:
    """Asks for sizes until its time is up. What it learns about a host applies to all later sizes."""

    def __init__(self, bucket: Bucket, settings: Settings, patience: float) -> None:
        """`patience` is how many seconds it spends on all origins together, from now on."""
        self._bucket = bucket
        self._settings = _impatient(settings)
        self._until = time.monotonic() + patience
        self._hosts: dict[str, _Host] = defaultdict(_Host)

    def __call__(self, rows: Sequence[SourceRow]) -> list[SourceRow]:
        """The rows in order, each with its source's size if the catalog or the origin gives it.

        A host that is silent twice is not asked again.
        """
        sizes = self._sizes(rows, self._by_host(rows))
        self._tell_of_silence()
        return [_sized(row, sizes.get(position)) for position, row in enumerate(rows)]

    def _by_host(self, rows: Sequence[SourceRow]) -> list[_Host]:
        asked = []
        for position, row in enumerate(rows):
            if row.source_bytes is None and row.video_url and not _may_be_signed(row.video_url):
                host = self._hosts[_host_of(row.video_url)]
                if not host.rows:
                    asked.append(host)
                host.rows.append(position)
        return asked

    def _sizes(self, rows: Sequence[SourceRow], hosts: Sequence[_Host]) -> dict[int, int | None]:
        sizes: dict[int, int | None] = {}
        asked: dict[Future[int | None], tuple[_Host, int]] = {}
        over = threading.Event()
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="source-size")
        try:
            while (left := self._until - time.monotonic()) > 0:
                for host in hosts:
                    while host.may_be_asked and len(asked) < _THREADS:
                        position = host.begin()
                        asked[pool.submit(self._size, rows[position], over)] = host, position
                if not asked:
                    break
                for answer in wait(asked, timeout=left, return_when=FIRST_COMPLETED).done:
                    host, position = asked.pop(answer)
                    sizes[position] = host.hear(answer)
        finally:
            # Requests that still wait end within a second, and do not keep the process from ending.
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for host in hosts:
                host.forget_rows()
        return sizes

    def _size(self, row: SourceRow, over: threading.Event) -> int | None:
        """The size; None if it is not given. Raises StorageUnavailable if the host is silent."""

        def go_on() -> None:
            if over.is_set():
                raise StorageUnavailable("there was no time left to ask for its size")

        try:
            return head_source(row.video_url or "", self._bucket, self._settings, go_on)
        except NightreelError as error:
            # This title's run will meet the same error and record it.
            log.info("%s %s: %s", row.content_type, row.content_id, error)
            if isinstance(error, StorageUnavailable):
                raise
            return None

    def _tell_of_silence(self) -> None:
        silent = [name or "the bucket" for name, host in self._hosts.items() if host.is_silent]
        if silent:
            log.warning("stopped asking for sizes after %d timeouts: %s", _SILENCES, ", ".join(silent))
        if time.monotonic() > self._until:
            log.warning("the time to ask for sizes is up; the other sizes are unknown")


def _host_of(url: str) -> str:
    """Host and port; empty for an object of the bucket, and for text that is no URL."""
    try:
        return urlsplit(url.strip()).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _may_be_signed(url: str) -> bool:
    """Whether asking might use up a link that works once, or be refused because the link is for GET."""
    return "://" in url and "?" in url


def _impatient(settings: Settings) -> Settings:
    silence = min(settings.fetch_timeout_seconds, _SILENCE_SECONDS)
    return settings.model_copy(update={"fetch_timeout_seconds": silence})


def _sized(row: SourceRow, size: int | None) -> SourceRow:
    return row if size is None else row.model_copy(update={"source_bytes": size})
