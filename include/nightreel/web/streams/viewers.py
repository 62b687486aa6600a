"""Work that is for one viewer, and ends when that one leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

_LOOK_SECONDS = 0.1

Result = TypeVar("Result")
HasLeft = Callable[[], Awaitable[bool]]


class ViewerLeft(Exception):
    """Nobody waits for it any more."""


async def while_wanted(work: Coroutine[Any, Any, Result], viewer_left: HasLeft) -> Result:
    """What the work comes to. Raises ViewerLeft, and cancels it, when the viewer does not wait for it."""
    doing = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({doing}, timeout=_LOOK_SECONDS))[0]:
            if await viewer_left():
                raise ViewerLeft
        return doing.result()
    finally:
        doing.cancel()
