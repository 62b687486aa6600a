"""When the DAGs run, how many runs at a time, and by when they must be done."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronTriggerTimetable
from airflow.sdk.definitions.deadline import DeadlineReference

from nightreel.orchestration.tasks import record_miss
from nightreel.places import PROJECT_ROOT
from nightreel.settings import settings

Reload = Callable[..., DAG]


@pytest.fixture
def reload(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reload]:
    """A DAG as other settings make it."""

    def load(dag_id: str, **variables: Any) -> DAG:
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()
        return DagBag(PROJECT_ROOT / "dags").dags[dag_id]

    yield load
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("dag_id", "usual"), [("nightly_backlog", "0 1 * * *"), ("housekeeping", "17 * * * *")]
)
def test_nights_and_housekeeping_come_when_the_settings_say_whatever_airflows_time_zone(
    bag: DagBag, reload: Reload, monkeypatch: pytest.MonkeyPatch, dag_id: str, usual: str
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Asia/Tokyo")
    assert bag.dags[dag_id].schedule == CronTriggerTimetable(usual, timezone="UTC")
    variable = "BACKLOG" if dag_id == "nightly_backlog" else "HOUSEKEEPING"
    changed = {f"NIGHTREEL_{variable}_SCHEDULE": "30 22 * * 5", "NIGHTREEL_TIME_ZONE": "Europe/Berlin"}
    expected = CronTriggerTimetable("30 22 * * 5", timezone="Europe/Berlin")
    assert reload(dag_id, **changed).schedule == expected


def test_a_schedule_that_is_not_by_the_clock_is_airflows_to_read(reload: Reload) -> None:
    assert reload("nightly_backlog", NIGHTREEL_BACKLOG_SCHEDULE="@once").schedule == "@once"


def test_a_title_is_converted_only_when_a_run_is_triggered(bag: DagBag) -> None:
    assert bag.dags["convert_title"].schedule is None


@pytest.mark.parametrize("dag_id", ["nightly_backlog", "housekeeping"])
def test_there_is_one_run_at_a_time(bag: DagBag, dag_id: str) -> None:
    assert bag.dags[dag_id].max_active_runs == 1


def test_as_many_titles_are_converted_at_a_time_as_nights_and_people_may_have(reload: Reload) -> None:
    dag = reload("convert_title", NIGHTREEL_TITLE_CONCURRENCY=7, NIGHTREEL_MANUAL_CONCURRENCY=2)
    assert dag.max_active_runs == 9


def test_a_title_must_be_done_a_while_after_its_run_was_queued(reload: Reload) -> None:
    (deadline,) = reload("convert_title", NIGHTREEL_TITLE_DEADLINE_SECONDS=4321).deadline
    # A triggered run may have no logical date to count from.
    assert deadline.reference == DeadlineReference.DAGRUN_QUEUED_AT
    assert deadline.interval == timedelta(seconds=4321)


def test_a_night_must_be_done_by_an_hour_of_the_clock(reload: Reload) -> None:
    deadlines = reload("nightly_backlog", NIGHTREEL_BACKLOG_DEADLINE_SECONDS=1234).deadline
    # One begun by hand may have no logical date to count from.
    references = [DeadlineReference.DAGRUN_LOGICAL_DATE, DeadlineReference.DAGRUN_QUEUED_AT]
    assert [deadline.reference for deadline in deadlines] == references
    assert {deadline.interval for deadline in deadlines} == {timedelta(seconds=1234)}


@pytest.mark.parametrize("dag_id", ["convert_title", "nightly_backlog"])
def test_a_missed_deadline_calls_what_the_triggerer_can_import(bag: DagBag, dag_id: str) -> None:
    paths = {deadline.callback.path for deadline in bag.dags[dag_id].deadline}
    assert paths == {f"{record_miss.__module__}.{record_miss.__name__}"}


def test_keeping_house_has_no_deadline(bag: DagBag) -> None:
    assert not bag.dags["housekeeping"].deadline


@pytest.mark.parametrize("dag_id", ["nightly_backlog", "housekeeping"])
def test_nothing_begins_at_the_moment_of_deployment(bag: DagBag, dag_id: str) -> None:
    assert bag.dags[dag_id].start_date is None
    assert not bag.dags[dag_id].catchup
