"""Tonight: what the next night will take, in which order, for how long and at what price."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from nightreel.checks.rows import faults_of
from nightreel.night.forecast import ASSUMED, ExpectedTitle, Forecast, Terms, forecast, rates_of
from nightreel.night.rows import LengthFrom, SourceRow, within_one_night
from nightreel.runs.airflow_api import AirflowRefused, AirflowUnavailable
from nightreel.runs.dags import BACKLOG_DAG, WHILE_PAUSED
from nightreel.settings import Settings
from nightreel.web.access import Caller
from nightreel.web.services import Services
from nightreel.web.titles.clock import next_by_the_clock
from nightreel.web.titles.waiting import WaitingRows, waiting_rows

_SHOWN = 1000
"""So many titles are told one by one; the figures are of all."""


class Night(BaseModel):
    """When the next night begins. `schedule` is a cron expression, read in `time_zone`."""

    model_config = ConfigDict(frozen=True)

    paused: bool | None
    """Null when Airflow does not say."""
    paused_dags: tuple[str, ...] | None = Field(examples=[["nightly_backlog"]])
    """Of all that Nightreel needs to run; null when Airflow does not say."""
    next_run_at: datetime | None
    """Null where the schedule is not by the clock."""
    schedule: str = Field(examples=["0 1 * * *"])
    time_zone: str = Field("UTC", examples=["Europe/Berlin"])


class WaitingTitle(BaseModel):
    """A title that waits to be converted, and how long its video is."""

    model_config = ConfigDict(frozen=True)

    content_type: str = Field(examples=["movie"])
    content_id: str = Field(examples=["123"])
    title: str = Field(examples=["A film"])
    source_hours: float = Field(examples=[1.5])
    length_from: LengthFrom


class PlannedTitle(WaitingTitle):
    """A title that the night takes. `lane`: in which of those that are converted at once."""

    expected_seconds: float = Field(examples=[2711.4])
    lane: int = Field(examples=[0])
    begins_at: datetime
    ends_at: datetime
    fits: bool
    """Whether it should be done by the deadline."""


class RefusedTitle(BaseModel):
    """A row that no night can convert, and why."""

    model_config = ConfigDict(frozen=True)

    content_type: str = Field(examples=["movie"])
    content_id: str = Field(examples=["124"])
    title: str = Field(examples=["Another film"])
    reason: str = Field(examples=["the row has no video URL"])


class UnusableIds(BaseModel):
    """Rows whose id no title can have: how many, and a few of them."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(examples=[1])
    examples: tuple[str, ...] = Field(examples=[["movie 'a/b'"]])


class Tonight(BaseModel):
    """The forecast of the next night. Times in seconds unless they say hours, prices in US dollars."""

    model_config = ConfigDict(frozen=True)

    night: Night
    begins_at: datetime
    """That of the next run; now, where nobody knows it."""
    deadline: datetime
    concurrency: int = Field(examples=[2])
    titles: tuple[PlannedTitle, ...]
    title_count: int = Field(examples=[1])
    late_count: int = Field(examples=[0])
    """How many of them should not be done by the deadline."""
    waiting: tuple[WaitingTitle, ...]
    """Those left for another night."""
    more_waiting: bool
    """Whether there are more than were looked at."""
    refused: tuple[RefusedTitle, ...]
    """Those that earlier nights refused included, until they change."""
    malformed_ids: UnusableIds
    source_hours: float = Field(examples=[1.5])
    work_seconds: float = Field(examples=[2711.4])
    done_at: datetime
    storage_bytes: int = Field(examples=[3_200_000_000])
    storage_price: float = Field(examples=[0.048])
    """A month, for what the night adds."""
    writes: int = Field(examples=[1480])
    writes_price: float = Field(examples=[0.00666])
    measured: int = Field(examples=[40])
    """How many past conversions the figures rest on."""
    assumption: str | None = Field(examples=[None])
    """What is assumed while there is none."""
    note: str = Field(examples=["2 titles at once share 2 encode slots."])


def next_night(services: Services, caller: Caller) -> Night:
    """Raises AirflowUnavailable; AirflowRefused for a caller who may not see the DAG."""
    schedule = services.settings.backlog_schedule
    with services.airflow(caller) as airflow:
        dag = airflow.dag(BACKLOG_DAG)
        paused = airflow.paused(WHILE_PAUSED)
    return Night(
        paused=dag.is_paused,
        paused_dags=paused,
        next_run_at=_yet_to_come(dag.next_dagrun_run_after) or _by_the_clock(services.settings),
        schedule=schedule,
        time_zone=services.settings.time_zone,
    )


def tonight(services: Services, caller: Caller) -> Tonight:
    """The coming night, from the catalog as it was within the last half minute."""
    options = services.settings
    night = _night_as_far_as_known(services, caller)
    begins_at = night.next_run_at or datetime.now(UTC)
    terms = Terms(
        begins_at=begins_at,
        deadline=begins_at + timedelta(seconds=options.backlog_deadline_seconds),
        lanes=options.title_concurrency,
        storage_price=options.storage_price,
        operations_price=options.operations_price,
    )
    backlog = waiting_rows(services)
    rows, refused = _divided(backlog.rows, options)
    taken = within_one_night(rows, options.backlog_max_titles, options.backlog_max_source_hours)
    history = services.catalog.attempts.past_conversions()
    return Tonight(
        night=night,
        begins_at=begins_at,
        deadline=terms.deadline,
        concurrency=terms.lanes,
        waiting=tuple(_waiting(row) for row in rows[len(taken) :][:_SHOWN]),
        more_waiting=backlog.more,
        refused=(*refused, *_standing(backlog))[:_SHOWN],
        malformed_ids=UnusableIds(count=backlog.malformed.count, examples=backlog.malformed.examples),
        measured=len(history),
        assumption=None if history else _ASSUMPTION,
        note=_note(options),
        **_planned(forecast(taken, rates_of(history), terms)),
    )


_ASSUMPTION = (
    f"Nothing has been converted yet, so each second of video is assumed to take {ASSUMED.work:g} seconds "
    f"of work, {ASSUMED.bytes / 1e6:g} MB and {ASSUMED.files:g} files."
)


def _note(options: Settings) -> str:
    return (
        f"{options.title_concurrency} titles at once share {options.encode_slots} encode slots: the times "
        "hold if the conversions that they were measured on shared the slots too."
    )


def _night_as_far_as_known(services: Services, caller: Caller) -> Night:
    try:
        return next_night(services, caller)
    except (AirflowUnavailable, AirflowRefused):
        schedule = services.settings.backlog_schedule
        return Night(
            paused=None,
            paused_dags=None,
            next_run_at=_by_the_clock(services.settings),
            schedule=schedule,
            time_zone=services.settings.time_zone,
        )


def _yet_to_come(moment: datetime | None) -> datetime | None:
    # A DAG that is paused keeps the date of the run that it missed.
    return moment if moment is not None and moment > datetime.now(UTC) else None


def _by_the_clock(options: Settings) -> datetime | None:
    return next_by_the_clock(options.backlog_schedule, options.time_zone, datetime.now(UTC))


def _divided(
    rows: Sequence[SourceRow], options: Settings
) -> tuple[list[SourceRow], tuple[RefusedTitle, ...]]:
    """The rows that can be converted, and the others with what is wrong with them."""
    convertible, refused = [], []
    for row in rows:
        fault = faults_of(row, options.max_source_bytes)
        if fault is None:
            convertible.append(row)
        else:
            refused.append(
                RefusedTitle(
                    content_type=row.content_type, content_id=row.content_id, title=row.name, reason=fault
                )
            )
    return convertible, tuple(refused)


def _standing(backlog: WaitingRows) -> Iterator[RefusedTitle]:
    """What earlier nights refused, but for the rows that changed since."""
    looked_at = {(row.content_type, row.content_id) for row in backlog.rows}
    for title in backlog.standing:
        if (title.content_type, title.content_id) not in looked_at:
            yield RefusedTitle(
                content_type=title.content_type,
                content_id=title.content_id,
                title=title.title,
                reason=title.reason or "",
            )


def _planned(night: Forecast[SourceRow]) -> dict[str, Any]:
    return {
        "titles": tuple(_planned_title(title) for title in night.titles[:_SHOWN]),
        "title_count": len(night.titles),
        "late_count": len(night.late),
        "source_hours": night.source_hours,
        "work_seconds": night.work_seconds,
        "done_at": night.done_at,
        "storage_bytes": night.storage_bytes,
        "storage_price": night.storage_price,
        "writes": night.writes,
        "writes_price": night.writes_price,
    }


def _planned_title(expected: ExpectedTitle[SourceRow]) -> PlannedTitle:
    return PlannedTitle(
        **_waiting(expected.row).model_dump(),
        expected_seconds=expected.seconds,
        lane=expected.lane,
        begins_at=expected.begins_at,
        ends_at=expected.ends_at,
        fits=expected.fits,
    )


def _waiting(row: SourceRow) -> WaitingTitle:
    return WaitingTitle(
        content_type=row.content_type,
        content_id=row.content_id,
        title=row.name,
        source_hours=row.hours,
        length_from=row.length_from,
    )
