"""The encoders: one feeds an MP4 stream, one fills the folder of an HLS stream."""

import asyncio
from collections.abc import AsyncIterator

from nightreel.media.encoding.live import PLAYLIST
from nightreel.media.programs.live_process import LiveProcess
from nightreel.redaction import redacted
from nightreel.web.problems import Problem
from nightreel.web.streams.egress import as_named
from nightreel.web.streams.folders import StreamFolder
from nightreel.web.streams.slots import Slot
from nightreel.web.streams.viewers import HasLeft, while_wanted

START_SECONDS = 45.0
"""How long a viewer waits for the first bytes after the source was described."""

_READ_BYTES = 64 * 1024
_LOOK_SECONDS = 0.1


class Mp4Encoder:
    """Feeds one viewer, and ends when the viewer leaves."""

    def __init__(self, process: LiveProcess, slot: Slot) -> None:
        self._process = process
        self._slot = slot
        self._first = b""

    async def begin(self, viewer_left: HasLeft) -> None:
        """Waits for the first bytes. Raises ViewerLeft when nobody waits for them any more.

        Raises Problem 502 when the source cannot be encoded, 504 when it takes too long.
        """
        try:
            async with asyncio.timeout(START_SECONDS):
                self._first = await while_wanted(self._process.read(_READ_BYTES), viewer_left)
        except TimeoutError:
            raise _too_slow() from None
        if not self._first:
            raise _cannot_be_encoded(await self._process.wait())

    async def chunks(self) -> AsyncIterator[bytes]:
        """The stream, as fast as the viewer reads it."""
        chunk = self._first
        while chunk:
            yield chunk
            chunk = await self._process.read(_READ_BYTES)

    def end(self) -> None:
        """Ends the program and frees its place."""
        self._process.end()
        self._slot.release()


class HlsEncoder:
    """Fills a folder for any number of viewers, and stops when nobody has requested anything for a while."""

    def __init__(self, folder: StreamFolder, process: LiveProcess, slot: Slot) -> None:
        self.folder = folder
        self._process = process
        self._ended = asyncio.create_task(process.wait())
        self._ended.add_done_callback(lambda _: slot.release())
        self._given_up = False

    @property
    def is_sound(self) -> bool:
        """Whether the playlist exists, and is growing or complete."""
        return not self._given_up and self._process.exit_code in (None, 0)

    async def begin(self) -> None:
        """Waits for the playlist. Raises Problem 502 and 504 as `Mp4Encoder.begin` does."""
        playlist = self.folder.path / PLAYLIST
        try:
            async with asyncio.timeout(START_SECONDS):
                while not playlist.exists():
                    if self._ended.done() and not playlist.exists():
                        raise _cannot_be_encoded(self._ended.result())
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise _too_slow() from None

    async def serve(self, idle_seconds: float) -> None:
        """Runs until nobody has requested a file for this long, and then removes everything."""
        try:
            while (left := idle_seconds - self.folder.idle_seconds()) > 0:
                await asyncio.sleep(left)
        finally:
            await self.end()

    async def end(self) -> None:
        """Ends the program and removes its files."""
        self._given_up = True
        self._process.end()
        await self._ended
        await asyncio.to_thread(self.folder.remove)


def _cannot_be_encoded(said: str) -> Problem:
    detail = f"FFmpeg could not make a stream of the source; it said: {redacted(as_named(said))}"
    return Problem(502, "The source cannot be streamed", detail)


def _too_slow() -> Problem:
    detail = f"The source gave nothing to play within {START_SECONDS:.0f} s."
    return Problem(504, "The source is too slow", detail)
