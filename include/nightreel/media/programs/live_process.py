"""Runs one media program as a child of an event loop, for as long as somebody wants its output."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from nightreel.media.programs.limits import Limits
from nightreel.media.programs.process import die_with_parent

_SAID_BYTES = 2000


class LiveProcess:
    """A program that runs until it is done, or is ended. It dies with this process, come what may."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said = b""
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        limits: Limits,
        directory: Path | None = None,
    ) -> Self:
        """Started in `directory`, with this environment and no other variable."""
        process = await asyncio.create_subprocess_exec(
            *die_with_parent(),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=directory,
        )
        limits.impose(process.pid)
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.returncode

    async def read(self, size: int) -> bytes:
        """Up to `size` bytes of its stdout, as soon as there are any; none at its end."""
        assert self._process.stdout is not None  # noqa: S101 - opened with a pipe above
        return await self._process.stdout.read(size)

    def end(self) -> None:
        """Ends it at once, if it still runs."""
        if self._process.returncode is None:
            self._process.kill()

    async def wait(self) -> str:
        """Waits for its end; returns the end of what it said on stderr."""
        await self._process.wait()
        await asyncio.shield(self._hearing)
        return self._said.decode(errors="replace").strip()

    async def _hear(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - opened with a pipe above
        while heard := await self._process.stderr.read(_SAID_BYTES):
            self._said = (self._said + heard)[-_SAID_BYTES:]
