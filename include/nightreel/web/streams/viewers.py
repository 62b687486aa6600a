"""Work for one viewer, cancelled when the viewer leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

_LOOK_SECONDS = 0.1

Result = TypeVar("Result")
HasLeft = Callable[[], Awaitable[bool]]


class ViewerLeft(Exception):
    """The viewer no longer waits for it."""


async def while_wanted(work: Coroutine[Any, Any, Result], viewer_left: HasLeft) -> Result:
    """The result of the work. Raises ViewerLeft, and cancels the work, when the viewer leaves."""
    doing = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({doing}, timeout=_LOOK_SECONDS))[0]:
            if await viewer_left():
                raise ViewerLeft
        return doing.result()
    finally:
        doing.cancel()
