"""Runs one media program as a child of an event loop, as long as somebody wants its output."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import IO, Self

from nightreel.media.programs.launch import Launched
from nightreel.media.programs.limits import Limits
from nightreel.media.programs.sandbox import Sandbox

_SAID_BYTES = 2000


class LiveProcess:
    """A program that runs until it is done or stopped. It is killed when this process ends for any reason."""

    def __init__(
        self,
        launched: Launched,
        ended: asyncio.Event,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
    ) -> None:
        self._launched = launched
        self._ended = ended
        self._stdout = stdout
        self._stderr = stderr
        self._said = b""
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        sandbox: Sandbox,
        environment: Mapping[str, str],
        limits: Limits,
        directory: Path | None = None,
    ) -> Self:
        """Starts it in `directory`, with only this environment, inside `sandbox`."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def tell(launched: Launched) -> None:
            # Possibly nobody waits any more.
            launched.reap()
            # The loop may already be closed.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(ended.set)

        launched = Launched(
            command, sandbox=sandbox, environment=environment, directory=directory, on_end=tell
        )
        limits.impose(launched.process.pid)
        pipes = launched.process.stdout, launched.process.stderr
        stdout, stderr = [await _reader_of(pipe) for pipe in pipes if pipe is not None]
        return cls(launched, ended, stdout, stderr)

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its process group."""
        return self._launched.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._launched.reap() if self._launched.ended.is_set() else None

    async def read(self, size: int) -> bytes:
        """Up to `size` bytes of its stdout, as soon as there are any; empty at its end."""
        return await self._stdout.read(size)

    def end(self) -> None:
        """Kills it and what it started, if it still runs."""
        self._launched.kill()

    async def wait(self) -> str:
        """Waits for its end; returns the end of what it said on stderr."""
        await self._ended.wait()
        self._launched.reap()
        await asyncio.shield(self._hearing)
        return self._said.decode(errors="replace").strip()

    async def _hear(self) -> None:
        while heard := await self._stderr.read(_SAID_BYTES):
            self._said = (self._said + heard)[-_SAID_BYTES:]


async def _reader_of(pipe: IO[bytes]) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    # uvloop closes the descriptor, and later the file, whose number another file may have by then.
    loop_closes_it = not isinstance(loop, asyncio.BaseEventLoop)
    given = FileIO(os.dup(pipe.fileno()), closefd=not loop_closes_it)
    pipe.close()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), given)
    return reader
