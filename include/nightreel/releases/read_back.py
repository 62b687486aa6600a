"""Reads back a new publication as viewers get it: both manifests, a segment of each rendition."""

import re
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from nightreel.errors import StorageUnavailable
from nightreel.releases.delivery import fetch
from nightreel.vocabulary.release_manifest import ReleaseFile

STALE_SECONDS = 65.0
"""How long a cache may answer with the manifests of before: their max-age, and a little."""
_TIMEOUT_SECONDS = 10.0
_PAUSE_SECONDS = 2.0
_TRIES_OF_A_SILENT_HOST = 3
_THREADS = 8
_SEGMENT = re.compile(r"(?P<rendition>.+)_(?P<number>[0-9]{3,})\.(?:m4s|ts|vtt)")


@dataclass(frozen=True)
class Public:
    """What is to be read back: the text behind each manifest's URL, and each file of the release."""

    manifests: Mapping[str, str]
    files: Mapping[str, ReleaseFile]
    """By their URLs."""

    @property
    def host(self) -> str:
        """The public host."""
        return httpx.URL(next(iter(self.manifests))).host


def read_back(public: Public, stale_seconds: float = STALE_SECONDS) -> tuple[str, ...]:
    """Sentences on what viewers do not get as it was published; tries for `stale_seconds`.

    Raises StorageUnavailable when the host does not answer, which it is asked three times.
    """
    until = time.monotonic() + stale_seconds
    silences = 0
    with (
        tempfile.TemporaryDirectory(prefix="nightreel-read-back-") as folder,
        # A proxy of the machine must not stand before the loopback interface.
        httpx.Client(
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=True,
            trust_env=public.host not in ("127.0.0.1", "localhost"),
        ) as client,
    ):
        while True:
            try:
                told = _differences(public, client, Path(folder))
            except (StorageUnavailable, httpx.HTTPError) as error:
                silences += 1
                if silences == _TRIES_OF_A_SILENT_HOST:
                    raise StorageUnavailable(f"the public address could not be read back: {error}") from error
                told = (str(error),)
            if not told or time.monotonic() >= until:
                return told
            time.sleep(min(_PAUSE_SECONDS, stale_seconds))


def last_segments(files: Mapping[str, ReleaseFile]) -> dict[str, ReleaseFile]:
    """The last segment of each rendition: the shortest as a rule, and the proof that all is there."""
    last: dict[str, tuple[int, str]] = {}
    for url, file in files.items():
        if found := _SEGMENT.fullmatch(file.name):
            number = int(found["number"])
            if number >= last.get(found["rendition"], (-1, url))[0]:
                last[found["rendition"]] = number, url
    return {url: files[url] for _, url in last.values()}


def _differences(public: Public, client: httpx.Client, folder: Path) -> tuple[str, ...]:
    def of_manifest(item: tuple[str, str]) -> str | None:
        url, text = item
        path = folder / url.rpartition("/")[2]
        path.unlink(missing_ok=True)
        answer = fetch(client, url, path, limit=len(text.encode()))
        if answer.status != httpx.codes.OK:
            return f"{url} answers HTTP {answer.status}"
        return None if path.read_bytes() == text.encode() else f"{url} still answers with another release"

    def of_segment(item: tuple[str, ReleaseFile]) -> str | None:
        url, file = item
        answer = fetch(client, url, folder / file.name, limit=file.size)
        if answer.status != httpx.codes.OK:
            return f"{url} answers HTTP {answer.status}"
        return None if answer.sha256 == file.sha256 else f"{url} is delivered with different content"

    with ThreadPoolExecutor(_THREADS) as threads:
        found = [
            *threads.map(of_manifest, public.manifests.items()),
            *threads.map(of_segment, last_segments(public.files).items()),
        ]
    return tuple(sentence for sentence in found if sentence is not None)
