"""When titles began to play, and when they were complete."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from nightreel.catalog import TitleAttempt
from nightreel.cli.tables import clock


def milestones(attempts: Mapping[str, Sequence[TitleAttempt]]) -> Iterator[str]:
    """A line for each name whose title was published, from the first claim of any of them on.

    `attempts` has those of each title, in any order.
    """
    began = min((each.started_at for made in attempts.values() for each in made), default=None)
    if began is None:
        return
    for name, made in attempts.items():
        published = sorted(
            (each.ended_at, bool(each.complete))
            for each in made
            if each.outcome == "published" and each.ended_at is not None
        )
        if published:
            yield f"{name} played after {_since(began, published[0][0])}{_completed(began, published)}"


def _completed(began: datetime, published: Sequence[tuple[datetime, bool]]) -> str:
    complete = next((moment for moment, whole in published if whole), None)
    if complete is None:
        return "; its other renditions follow"
    return (
        ", complete at once" if complete == published[0][0] else f", complete after {_since(began, complete)}"
    )


def _since(began: datetime, moment: datetime) -> str:
    return clock((moment - began).total_seconds())
