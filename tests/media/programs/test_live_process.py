"""A program that runs in an event loop: what it is given, and what is kept of what it said."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from nightreel.media.programs.limits import Limits
from nightreel.media.programs.live_process import LiveProcess
from nightreel.media.programs.sandbox import Sandbox

T = TypeVar("T")
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
