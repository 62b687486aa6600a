"""A program that runs in an event loop: what it is given, and what is kept of what it said."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, Any, ClassVar, TypeVar

import pytest
import uvloop

from nightreel.media.programs import launch
from nightreel.media.programs.limits import Limits
from nightreel.media.programs.live_process import LiveProcess
from nightreel.media.programs.sandbox import Sandbox

T = TypeVar("T")
OPEN_FILES = Path("/proc/self/fd")
LIMITS = Limits.for_child(60, memory_bytes=2 * 1024**3)


def with_program(code: str, act: Callable[[LiveProcess], Awaitable[T]], directory: Path | None = None) -> T:
    """What `act` finds of a program in Python, whose environment is LANG alone."""

    async def run() -> T:
        process = await LiveProcess.start(
            [sys.executable, "-c", code],
            sandbox=Sandbox(),
            environment={"LANG": "C"},
            limits=LIMITS,
            directory=directory,
        )
        try:
            return await act(process)
        finally:
            process.end()
            await process.wait()

    return asyncio.run(run())


def test_a_program_sees_nothing_of_this_ones_environment_and_starts_where_it_shall(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), *sorted(os.environ))"
    written = with_program(code, lambda process: process.read(10_000), tmp_path)
    # Python itself sets LC_CTYPE where LANG is C.
    assert set(written.decode().split()) <= {str(tmp_path), "LANG", "LC_CTYPE"}
    assert str(tmp_path) in written.decode()


def test_what_it_said_last_is_kept_however_much_it_says() -> None:
    code = "import sys; sys.stderr.write('x' * 1_000_000 + 'the end')"

    async def act(process: LiveProcess) -> tuple[str, int | None]:
        return await process.wait(), process.exit_code

    said, exit_code = with_program(code, act)
    assert said.endswith("the end")
    assert len(said) <= 2000
    assert exit_code == 0


LARGE = """
import resource, time
while resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
    time.sleep(0.01)
bytearray(3 * 1024**3)
"""


def test_it_may_not_have_more_memory_than_the_limit() -> None:
    assert "MemoryError" in with_program(LARGE, lambda process: process.wait())


def test_it_is_ended_at_once_and_ending_it_again_changes_nothing() -> None:
    async def act(process: LiveProcess) -> int | None:
        assert process.exit_code is None
        process.end()
        await process.wait()
        process.end()
        return process.exit_code

    assert with_program("import time; time.sleep(600)", act) == -9


class Watched(BufferedReader):
    """A pipe's end that notes when it is closed though its number stands for nothing, or for another file."""

    closed_late: ClassVar[list[int]] = []

    def close(self) -> None:
        if not self.closed:
            try:
                os.fstat(self.fileno())
            except OSError:
                self.closed_late.append(self.fileno())
        super().close()


class PopenWithWatchedPipes(subprocess.Popen[bytes]):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.stdout, self.stderr = self._watched(self.stdout), self._watched(self.stderr)

    def _watched(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        watched = Watched(FileIO(os.dup(pipe.fileno())))
        pipe.close()
        return watched


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_its_pipes_are_closed_once_whichever_loop_reads_them(
    monkeypatch: pytest.MonkeyPatch, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """A second close would take a descriptor away from whoever was given its number meanwhile."""
    monkeypatch.setattr(launch.subprocess, "Popen", PopenWithWatchedPipes)
    monkeypatch.setattr(Watched, "closed_late", [])

    async def run() -> bytes:
        process = await LiveProcess.start(
            [sys.executable, "-c", "print('out')"], sandbox=Sandbox(), environment={}, limits=LIMITS
        )
        said = await process.read(100)
        await process.wait()
        while await process.read(100):
            pass
        await asyncio.sleep(0.05)
        return said

    # The first loop of its kind keeps descriptors of its own.
    new_loop().close()
    # What earlier tests left to be collected would be closed during this one.
    gc.collect()
    before = len(list(OPEN_FILES.iterdir()))
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(run()) == b"out\n"
    gc.collect()
    assert Watched.closed_late == []
    assert len(list(OPEN_FILES.iterdir())) == before
