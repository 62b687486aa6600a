"""One stack for many seeds, each with titles of its own; a fresh one after a seed that failed."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.library import Library
from tests.faults.material import Films
from tests.faults.plan import Plan
from tests.faults.scene import Scene
from tests.faults.stack import Ground, ground

SEEDS_OF_A_STACK = 15
"""Logs and tables grow, and are searched for secrets after each seed."""

WITH_CLOCK = "clock jumps"
"""The kind of fault that needs a stack whose programs have a clock of their own."""

Tell = Callable[[str], None]


class Stage:
    """Holds the stack that is up. Used as a context manager: nothing of it is left."""

    def __init__(self, films: Films) -> None:
        self._films = films
        self._held = ExitStack()
        self._ground: Ground | None = None
        self._with_clock = False
        self._seeds = 0
        self._earlier: Mapping[str, str] = {}

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    @property
    def home(self) -> Path | None:
        return self._ground.home.root if self._ground else None

    def scene(self, plan: Plan, tell: Tell) -> Scene:
        """The stack with a library for this plan, before its first night."""
        with_clock = any(strike.kind == WITH_CLOCK for strike in plan.strikes)
        if self._seeds >= SEEDS_OF_A_STACK or with_clock is not self._with_clock:
            self.clear()
        if self._ground is None:
            self._with_clock = with_clock
            self._ground = self._held.enter_context(ground(clock=with_clock))
            tell("a fresh stack is up")
        self._seeds += 1
        library = Library(self._ground, self._films, self._seeds)
        library.fill(plan.poison)
        return Scene(self._ground, library, datetime.now(UTC), self._earlier)

    def leave(self, left: Mapping[str, str]) -> None:
        """A seed is over, all invariants held, and these objects with their ETags are what it left."""
        self._earlier = left

    def clear(self) -> None:
        """Takes the stack down; the next scene is on a fresh one."""
        self._held.close()
        self._ground, self._seeds, self._earlier = None, 0, {}
