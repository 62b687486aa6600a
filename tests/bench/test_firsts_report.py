"""What a night of short titles and one long title say of a whole catalog."""

from dataclasses import replace

import pytest

from bench.first_runs import FirstRun
from bench.firsts_report import CATALOG_TITLES, Ended, Found, Line, NightCost
from bench.machine import Machine
from bench.processors import TASKS
from bench.title_run import Step
from tests.bench.runs import run, step

_MACHINE = Machine("Linux", "a processor", cores=2, memory_bytes=1, load=0.0, tools=())


def _alone(seconds: int, fetch: float, scheduler: float) -> FirstRun:
    ran = run({"fetch": _fetch(fetch)}, ended=9)
    ran = replace(ran, plan=ran.plan.model_copy(update={"frames": seconds * 25}))
    return FirstRun(ran, stack={TASKS: fetch, "scheduler": scheduler}, idle={"scheduler": 0.1})


def _found() -> Found:
    """A fetch takes 1 s, and 2 s for each minute; the stack takes a tenth of a core when idle."""
    short = {"fetch": _fetch(1.5)}
    night = NightCost(
        began=0.0,
        titles=(Ended(10.0, 10.0, short), Ended(10.0, 20.0, short)),
        stack={TASKS: 4.0, "scheduler": 3.0},
    )
    middle, long = _alone(60, 3.0, 1.5), _alone(120, 5.0, 7.0)
    return Found(_MACHINE, 5e6, middle, long, night, idle={"scheduler": 0.1})


def _fetch(seconds: float) -> Step:
    return step(0, 1).model_copy(update={"cpu_seconds": seconds, "child_cpu_seconds": 0.0})


def _line(work: str) -> Line:
    return next(line for line in _found().lines if line.work == work)


def test_the_difference_between_two_titles_is_the_price_of_a_minute() -> None:
    line = _line("bucket down")
    assert (line.short, line.middle, line.long) == (1.5, 3.0, 5.0)
    assert (line.fixed, line.per_minute) == pytest.approx((1.0, 2.0))
    assert line.in_catalog == pytest.approx(1.0 + 45 * 2.0)


def test_airflow_takes_as_much_for_a_title_of_any_length_and_what_it_takes_idle_is_no_price() -> None:
    line = _line("scheduler")
    assert line.short == pytest.approx((3.0 - 0.1 * 20) / 2)
    assert (line.fixed, line.per_minute) == (line.short, 0.0)


def test_the_catalog_takes_longer_with_cores_as_busy_as_in_the_night() -> None:
    found = _found()
    full, observed = found.catalog_days
    assert found.titles_per_hour == pytest.approx(2 / 20 * 3600)
    assert found.busy_share == pytest.approx(7.0 / 20 / 2)
    assert full == pytest.approx(found.catalog_cpu_seconds / (2 * 86_400 * 0.95))
    assert observed == pytest.approx(found.catalog_cpu_seconds / (2 * 86_400 * (0.175 - 0.05)))
    assert found.catalog_cpu_seconds == CATALOG_TITLES * sum(line.in_catalog for line in found.lines)
