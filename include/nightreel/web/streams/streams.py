"""All streams that one process encodes."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpcore

from nightreel.errors import SourceRejected
from nightreel.media.encoding.live import LivePicture, LiveQuality, hls_command, mp4_command
from nightreel.media.inspection.remote_probe import describing_command
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.limits import Limits
from nightreel.media.programs.live_process import LiveProcess
from nightreel.media.programs.remote_input import environment_behind
from nightreel.media.programs.sandbox import Sandbox
from nightreel.sources.destinations import Destinations
from nightreel.web.problems import Problem
from nightreel.web.services import Services
from nightreel.web.streams.egress import Relay, plain
from nightreel.web.streams.encoders import HlsEncoder, Mp4Encoder
from nightreel.web.streams.folders import StreamFolder, remove_leftovers
from nightreel.web.streams.picture import picture_told_by
from nightreel.web.streams.slots import Slots
from nightreel.web.streams.viewers import HasLeft, while_wanted

_LONGEST_SECONDS = 24 * 3600.0
_LONGEST_URL = 4000
"""In characters: FFmpeg truncates URLs at 4096."""
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Streams:
    """Belongs to one event loop. On creation, removes what a killed process left."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._slots = Slots(self._settings.stream_limit)
        self._destinations = Destinations(self._settings, services.bucket)
        self._relay = Relay(self._destinations)
        self._starting_relay = asyncio.Lock()
        self._mp4: set[Mp4Encoder] = set()
        self._hls: dict[str, asyncio.Task[HlsEncoder]] = {}
        self._served: set[asyncio.Task[None]] = set()
        remove_leftovers(self._settings.stream_area)

    async def open_mp4(self, url: str, viewer_left: HasLeft) -> Mp4Encoder:
        """A separate encoder for a viewer; must be ended with `close_mp4`.

        Returns when there is something to play. Raises SourceRejected for a forbidden source; Problem 404
        and 503 (see Slots), 502 and 504 (see Mp4Encoder); ViewerLeft.
        """
        source = await self._permitted(url)
        slot = self._slots.take()
        try:
            picture = await while_wanted(self._picture(source), viewer_left)
            command = mp4_command(plain(source), picture, self._quality, self._binaries.ffmpeg)
            process = await self._start(command)
        except BaseException:
            slot.release()
            raise
        encoder = Mp4Encoder(process, slot)
        self._mp4.add(encoder)
        try:
            await encoder.begin(viewer_left)
        except BaseException:
            self.close_mp4(encoder)
            raise
        return encoder

    def close_mp4(self, encoder: Mp4Encoder) -> None:
        """Ends an encoder that its viewer has left."""
        encoder.end()
        self._mp4.discard(encoder)

    async def open_hls(self, url: str) -> str:
        """The folder name of the source's stream, which viewers share.

        Returns when there is something to play. Raises as `open_mp4` does.
        """
        source = await self._permitted(url)
        starting = self._hls.get(source)
        if starting is None or _is_over(starting):
            starting = self._hls[source] = asyncio.create_task(self._start_hls(source))
            starting.add_done_callback(lambda _: self._forget(source))
        # A viewer who leaves does not disturb the others who wait.
        encoder = await asyncio.shield(starting)
        encoder.folder.asked_for()
        return encoder.folder.name

    async def close(self) -> None:
        """Ends all encoders."""
        for encoder in tuple(self._mp4):
            self.close_mp4(encoder)
        tasks = [*self._hls.values(), *self._served]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._relay.close()

    async def _permitted(self, url: str) -> str:
        """The URL to give to FFmpeg, after its host was found to be allowed."""
        source = _well_formed(url)
        self._destinations.require_name(source)
        parts = urlsplit(source)
        try:
            await asyncio.to_thread(
                self._destinations.addresses,
                parts.hostname or "",
                parts.port or (443 if parts.scheme == "https" else 80),
            )
        except httpcore.ConnectError as error:
            raise Problem(502, "The source cannot be streamed", str(error)) from None
        return source

    async def _start_hls(self, source: str) -> HlsEncoder:
        encoder = await self._start_filling(source)
        try:
            await encoder.begin()
        except BaseException:
            await encoder.end()
            raise
        serving = asyncio.create_task(encoder.serve(self._settings.stream_idle_seconds))
        self._served.add(serving)
        serving.add_done_callback(self._served.discard)
        serving.add_done_callback(lambda _: self._forget(source))
        return encoder

    async def _start_filling(self, source: str) -> HlsEncoder:
        slot = self._slots.take()
        with ExitStack() as on_failure:
            on_failure.callback(slot.release)
            picture = await self._picture(source)
            folder = StreamFolder.create(self._settings.stream_area)
            on_failure.callback(folder.remove)
            command = hls_command(plain(source), picture, self._quality, self._binaries.ffmpeg)
            process = await self._start(command, folder.path)
            on_failure.pop_all()
        return HlsEncoder(folder, process, slot)

    def _forget(self, source: str) -> None:
        """Lets the next viewer start a new stream if the present one is over."""
        starting = self._hls.get(source)
        if starting is not None and _is_over(starting):
            del self._hls[source]

    async def _picture(self, source: str) -> LivePicture | None:
        command = describing_command(plain(source), self._binaries.ffprobe)
        return await picture_told_by(await self._start(command))

    async def _start(self, command: list[str], directory: Path | None = None) -> LiveProcess:
        async with self._starting_relay:
            if not self._relay.is_open:
                await self._relay.start()
        return await LiveProcess.start(
            command,
            sandbox=Sandbox(writes=() if directory is None else (directory,), tcp_port=self._relay.port),
            environment=environment_behind(self._relay.url),
            limits=Limits.for_child(_LONGEST_SECONDS, self._settings.child_memory_bytes),
            directory=directory,
        )

    @property
    def _quality(self) -> LiveQuality:
        given = self._settings
        return LiveQuality(
            given.stream_height, given.stream_video_bps, given.stream_audio_bps, given.stream_preset
        )

    @property
    def _binaries(self) -> Binaries:
        return find_binaries(self._settings.ffmpeg, self._settings.ffprobe, self._settings.packager)


def _is_over(starting: asyncio.Task[HlsEncoder]) -> bool:
    if not starting.done():
        return False
    return starting.cancelled() or starting.exception() is not None or not starting.result().is_sound


def _well_formed(url: str) -> str:
    """The URL with forbidden characters escaped (RFC 3986). Raises SourceRejected."""
    if len(url) > _LONGEST_URL or any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in url):
        raise SourceRejected("bad_source_url", f"a URL has at most {_LONGEST_URL} characters, all printable")
    try:
        return urlsplit(quote(url.strip(), safe=_PRINTABLE, errors="replace")).geturl()
    except ValueError:
        raise SourceRejected("bad_source_url", "the video URL is malformed") from None
