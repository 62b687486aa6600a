"""What a fault has before it: the stack, and the library whose titles are in work."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

import httpx
import psycopg2

from tests.faults.library import Library
from tests.faults.stack import Ground

Found = TypeVar("Found")

AWAY = (httpx.HTTPError, psycopg2.Error, OSError)
"""What is met while the very part is broken that is asked."""

_IDLE_SECONDS = 6.0
_LONGEST_LOOK_SECONDS = 20.0


@dataclass(frozen=True)
class Scene:
    """One seed's stack and library."""

    ground: Ground
    library: Library
    since: datetime
    """Runs from then on are this seed's."""
    earlier: Mapping[str, str] = field(default_factory=dict)
    """The ETag of every object that the seeds before left on this stack, all of it accounted for."""
    marked_runs: set[str] = field(default_factory=set)
    """Runs of which a person said how they ended, whatever they had done."""

    def in_work(self) -> list[int]:
        """The good titles that are claimed now."""
        claimed = self.ground.rows("SELECT content_id FROM nightreel.conversions WHERE state = 'claimed'")
        return sorted({int(each) for (each,) in claimed} & {*self.library.wanted})

    def asked(self) -> bool:
        """Whether a run that a person began has not ended."""
        runs = self.ground.runs("convert_title", self.since)
        return any(
            run["state"] in ("queued", "running") and run["dag_run_id"].startswith("manual__") for run in runs
        )

    def ask_again(self, random: Random) -> None:
        """A person has a title converted once more, so that something is in work."""
        titles = sorted(self.library.wanted)
        if titles:
            self.ask_for(random.choice(titles))

    def ask_for(self, title: int) -> None:
        conf = {"content_type": "movie", "content_id": str(title), "force": True}
        self.ground.trigger("convert_title", conf)

    def published(self) -> int:
        """How many attempts ended so, of all titles."""
        ((count,),) = self.ground.rows("SELECT count(*) FROM nightreel.attempts WHERE outcome = 'published'")
        return int(count)


def found_in_time(
    look: Callable[[], Found | None], seconds: float = 60.0, interval: float = 0.3
) -> Found | None:
    """What `look` finds as soon as it finds something; None after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(interval)
    return None


def found_in_work(
    scene: Scene,
    random: Random,
    look: Callable[[], Found | None],
    seconds: float = 150.0,
    interval: float = 0.3,
) -> Found | None:
    """What `look` finds while titles are converted. Where none is any more, one is converted again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = found_in_time(look, _IDLE_SECONDS, interval)
        if found is not None:
            return found
        _keep_busy(scene, random)
    return None


def titles_in_work(scene: Scene, random: Random) -> list[int]:
    """The good titles that are claimed, as soon as one is; empty where that cannot be brought about."""
    look = found_in_work(scene, random, lambda: scene.in_work() or None, _LONGEST_LOOK_SECONDS)
    return look or []


def _keep_busy(scene: Scene, random: Random) -> None:
    """Has something in work, unless something is."""
    try:
        if not scene.in_work() and not scene.asked():
            scene.ask_again(random)
    except AWAY:
        return
