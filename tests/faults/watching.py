"""A viewer who asks for every title again and again while things break, past every fault."""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from tests.faults.following import fetch_text, follow_dash, follow_hls
from tests.faults.observation import Sighting, Stream

_INTERVAL_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
_EVERY = 5
"""A manifest that did not change is followed to its files each so many looks."""

STABLE: dict[Stream, str] = {"hls": "master.m3u8", "dash": "manifest.mpd"}


def stable_url(public_url: str, title: int, stream: Stream) -> str:
    """The public address of a title, which never changes."""
    return f"{public_url}/hls/movies/{title}/{STABLE[stream]}"


class Viewer:
    """What it saw so far. Used by one thread; read after it ended."""

    def __init__(self, public_url: str, titles: Sequence[int]) -> None:
        self.sightings: list[Sighting] = []
        self.broken: list[str] = []
        self._streams: list[tuple[int, Stream]] = [(title, stream) for title in titles for stream in STABLE]
        self._public_url = public_url
        self._last: dict[tuple[int, Stream], str | None] = {}
        self._looks = 0

    def look(self, client: httpx.Client) -> None:
        """Once at every title."""
        self._looks += 1
        for title, stream in self._streams:
            try:
                self._look_at(client, title, stream)
            except httpx.TransportError:
                # The harness's own machine is busy: nothing was answered, and nothing was wrong.
                continue

    def _look_at(self, client: httpx.Client, title: int, stream: Stream) -> None:
        url = stable_url(self._public_url, title, stream)
        text = fetch_text(client, url)
        digest = None if text is None else hashlib.sha256(text.encode()).hexdigest()
        before = self._last.get((title, stream))
        self._last[title, stream] = digest
        if digest != before:
            self.sightings.append(Sighting(title, stream, time.time(), digest))
        if text is not None and (digest != before or self._looks % _EVERY == 0):
            missing = _missing(client, url, text, stream)
            # A release that was replaced goes after its grace period; who still plays it has had that.
            if missing and fetch_text(client, url) == text:
                self.broken.append(f"movie {title}, {stream}: {', '.join(missing)} did not answer")


def _missing(client: httpx.Client, url: str, text: str, stream: Stream) -> list[str]:
    if stream == "hls":
        followed = follow_hls(url, text, lambda each: fetch_text(client, each))
    else:
        followed = follow_dash(url, text)
    answers = {each: client.head(each).status_code for each in sorted(followed.files)}
    return [f"{each} ({status})" for each, status in answers.items() if status != httpx.codes.OK]


@contextmanager
def watching(public_url: str, titles: Sequence[int]) -> Iterator[Viewer]:
    """A viewer at work for the length of a block."""
    viewer, stop = Viewer(public_url, titles), threading.Event()

    def watch() -> None:
        with httpx.Client(timeout=_PATIENCE_SECONDS, trust_env=False) as client:
            while not stop.wait(_INTERVAL_SECONDS):
                viewer.look(client)

    thread = threading.Thread(target=watch, name="viewer", daemon=True)
    thread.start()
    try:
        yield viewer
    finally:
        stop.set()
        thread.join()
