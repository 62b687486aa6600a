"""Where the seconds of a run went: every instant counts once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["ffmpeg", "tools", "work", "task", "wait"]
"""What an instant was spent on; the first that applies:

ffmpeg  an FFmpeg of the title ran
tools   the packager or ffprobe ran
work    a step was in its own Python
task    a task ran outside its step: it was starting, or ending
wait    no task ran: Airflow was about to start the next one
"""

KINDS: tuple[Kind, ...] = ("ffmpeg", "tools", "work", "task", "wait")
AFTER_ALL = "end of the run"
"""The name of the time after the last task."""


@dataclass(frozen=True)
class Span:
    """A stretch of time that belongs to a task. Seconds since the epoch."""

    task: str
    began: float
    ended: float

    def covers(self, began: float, ended: float) -> bool:
        """Whether it covers the time from `began` to `ended`, in seconds since the epoch."""
        return self.began <= began and ended <= self.ended


@dataclass(frozen=True)
class Item:
    """The seconds of one task, by what they were spent on."""

    task: str
    seconds: Mapping[Kind, float]

    def sum(self, *kinds: Kind) -> float:
        """The sum of the seconds of these kinds."""
        return sum(self.seconds[kind] for kind in kinds)


def itemise(run: tuple[float, float], spans: Mapping[Kind, Sequence[Span]]) -> list[Item]:
    """The seconds from `run[0]` to `run[1]` by task, in the order in which the tasks first appear.

    `spans` has those of every kind except `wait`. If several spans of a kind overlap, the instant belongs
    to the one that began first.
    """
    every = [span for kind in spans for span in spans[kind]]
    cuts = {*run, *(moment for span in every for moment in (span.began, span.ended))}
    inside = sorted(moment for moment in cuts if run[0] <= moment <= run[1])
    found: dict[str, dict[Kind, float]] = defaultdict(lambda: dict.fromkeys(KINDS, 0.0))
    for began, ended in pairwise(inside):
        task, kind = _spent(began, ended, spans)
        found[task][kind] += ended - began
    return [Item(task, seconds) for task, seconds in found.items()]


def _spent(began: float, ended: float, spans: Mapping[Kind, Sequence[Span]]) -> tuple[str, Kind]:
    """The stretch is between two neighbouring cuts, so a span covers all or nothing of it."""
    for kind in KINDS:
        covering = [span for span in spans.get(kind, ()) if span.covers(began, ended)]
        if covering:
            return min(covering, key=_beginning).task, kind
    coming = [span for span in spans.get("task", ()) if span.began >= ended]
    return (min(coming, key=_beginning).task if coming else AFTER_ALL), "wait"


def _beginning(span: Span) -> tuple[float, str]:
    return span.began, span.task
