"""One look for all who ask."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from nightreel.web.single_flight import SingleFlight


class Counted:
    """A thing to look at, that counts the looks; each waits until it is let."""

    def __init__(self) -> None:
        self.looks = 0
        self.begun = threading.Event()
        self.let = threading.Event()

    def __call__(self) -> int:
        self.looks += 1
        self.begun.set()
        assert self.let.wait(30)
        return self.looks


def kept_for(seconds: float) -> Callable[[int], float]:
    return lambda _: seconds


async def begun(thing: Counted) -> None:
    while not thing.begun.is_set():
        await asyncio.sleep(0.001)


def test_fifty_who_ask_at_once_cost_one_look() -> None:
    thing, looks = Counted(), SingleFlight[int](kept_for(0))

    async def ask() -> list[int]:
        asking = [asyncio.create_task(looks.see("job", thing)) for _ in range(50)]
        await asyncio.sleep(0)
        await begun(thing)
        thing.let.set()
        return await asyncio.gather(*asking)

    assert asyncio.run(ask()) == [1] * 50


def test_what_was_seen_holds_for_as_long_as_was_said() -> None:
    thing, looks = Counted(), SingleFlight[int](kept_for(3600))
    thing.let.set()

    async def twice() -> list[int]:
        return [await looks.see("job", thing), await looks.see("job", thing)]

    assert asyncio.run(twice()) == [1, 1]


@pytest.mark.parametrize(("rest_factor", "looks_made"), [(0.0, 2), (1000.0, 1)])
def test_what_took_long_to_see_is_not_looked_at_again_soon(rest_factor: float, looks_made: int) -> None:
    looks, seen = SingleFlight[int](kept_for(0), rest_factor=rest_factor), 0

    def look() -> int:
        nonlocal seen
        time.sleep(0.05)
        seen += 1
        return seen

    async def twice() -> list[int]:
        return [await looks.see("job", look), await looks.see("job", look)]

    assert asyncio.run(twice())[-1] == looks_made


def test_who_leaves_takes_the_look_from_nobody() -> None:
    thing, looks = Counted(), SingleFlight[int](kept_for(0))

    async def leave() -> int:
        leaving = asyncio.create_task(looks.see("job", thing))
        staying = asyncio.create_task(looks.see("job", thing))
        await asyncio.sleep(0)
        await begun(thing)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        thing.let.set()
        return await staying

    assert asyncio.run(leave()) == 1


def test_an_error_is_told_and_not_kept() -> None:
    looks = SingleFlight[int](kept_for(3600))

    def fail() -> int:
        raise OSError("away")

    async def ask() -> int:
        with pytest.raises(OSError, match="away"):
            await looks.see("job", fail)
        return await looks.see("job", lambda: 7)

    assert asyncio.run(ask()) == 7


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    looks = SingleFlight[int](kept_for(3600), size=2)
    seen: list[str] = []

    def look(name: str) -> int:
        seen.append(name)
        return len(seen)

    async def ask(*names: str) -> None:
        for name in names:
            await looks.see(name, lambda name=name: look(name))  # type: ignore[misc]

    asyncio.run(ask("a", "b", "a", "c", "a", "b"))
    assert seen == ["a", "b", "c", "b"]
