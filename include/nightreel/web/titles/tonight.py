"""Tonight: what the next night will take, in which order, how long and at what price."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from nightreel.catalog.records import PastConversion
from nightreel.night.forecast import ASSUMED, ExpectedTitle, Forecast, Terms, forecast, rates_of
from nightreel.night.rows import SourceRow
from nightreel.runs.airflow_api import AirflowRefused, AirflowUnavailable
from nightreel.runs.dags import BACKLOG_DAG, WHILE_PAUSED
from nightreel.settings import Settings
from nightreel.vocabulary.states import Part
from nightreel.web.access import Caller
from nightreel.web.services import Services
from nightreel.web.titles.clock import next_by_the_clock
from nightreel.web.titles.forecast_models import (
    Night,
    Pass,
    PlannedTitle,
    RefusedTitle,
    Tonight,
    UnusableIds,
    WaitingTitle,
)
from nightreel.web.titles.waiting import PassRows, WaitingRows, waiting_rows

_SHOWN = 1000
"""At most this many titles of each pass are listed; the figures cover all."""

_WORDS: dict[Part, tuple[str, str]] = {
    "first": ("a first release", "No first release"),
    "rest": ("the other renditions", "No completion of a first release"),
    "whole": ("a whole title", "No conversion of a whole title"),
}


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
    """The coming night, from the catalog of the last half minute."""
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
    history = services.catalog.attempts.past_conversions()
    part: Part = "first" if options.first_releases else "whole"
    first = forecast(backlog.to_publish.taken, rates_of(history, part), terms)
    # No title is completed before the last one plays.
    later = replace(terms, begins_at=first.done_at)
    rest = forecast(backlog.to_complete.taken, rates_of(history, "rest"), later)
    passes = (
        _pass(part, first, terms, history, options.backlog_max_titles, options.backlog_max_source_hours),
        _pass(
            "rest",
            rest,
            later,
            history,
            options.backlog_max_completions,
            options.backlog_max_completion_hours,
        ),
    )
    return Tonight(
        night=night,
        begins_at=begins_at,
        deadline=terms.deadline,
        concurrency=terms.lanes,
        passes=passes,
        titles=(*_planned(part, first), *_planned("rest", rest)),
        title_count=len(_hours(first.titles, rest.titles)),
        late_count=len(_hours(first.late, rest.late)),
        waiting=(*_left(part, backlog.to_publish), *_left("rest", backlog.to_complete)),
        more_waiting=backlog.to_publish.more or backlog.to_complete.more,
        refused=(*_refused(backlog), *_standing(backlog))[:_SHOWN],
        malformed_ids=UnusableIds(count=backlog.malformed.count, examples=backlog.malformed.examples),
        source_hours=sum(_hours(first.titles, rest.titles).values()),
        work_seconds=sum(each.work_seconds for each in passes),
        done_at=rest.done_at,
        storage_bytes=sum(each.storage_bytes for each in passes),
        storage_price=sum(each.storage_price for each in passes),
        writes=sum(each.writes for each in passes),
        writes_price=sum(each.writes_price for each in passes),
        measured=len(history),
        assumption=_assumption(history, passes),
        note=_note(options),
    )


def _assumption(history: Sequence[PastConversion], passes: Sequence[Pass]) -> str | None:
    if not history:
        told = "; ".join(
            f"{_WORDS[each.part][0]} {assumed.work:g} seconds of work, {assumed.bytes / 1e6:g} MB and "
            f"{assumed.files:g} files"
            for each in passes
            for assumed in [ASSUMED[each.part]]
        )
        return f"Nothing has been converted yet, so it is assumed what each second of video takes: {told}."
    unknown = [_WORDS[each.part][1] for each in passes if each.title_count and not each.measured]
    told = " ".join(
        f"{nothing} has been measured yet: its usual share of a whole conversion is assumed."
        for nothing in unknown
    )
    return told or None


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
    # A paused DAG keeps the date of the run that it missed.
    return moment if moment is not None and moment > datetime.now(UTC) else None


def _by_the_clock(options: Settings) -> datetime | None:
    return next_by_the_clock(options.backlog_schedule, options.time_zone, datetime.now(UTC))


def _hours(*passes: Sequence[ExpectedTitle[SourceRow]]) -> dict[tuple[str, str], float]:
    """The length of each title that is in any of them."""
    return {(title.row.content_type, title.row.content_id): title.row.hours for title in chain(*passes)}


def _pass(
    part: Part,
    planned: Forecast[SourceRow],
    terms: Terms,
    history: Sequence[PastConversion],
    max_titles: int,
    max_source_hours: float,
) -> Pass:
    return Pass(
        part=part,
        title_count=len(planned.titles),
        late_count=len(planned.late),
        max_titles=max_titles,
        max_source_hours=max_source_hours,
        source_hours=planned.source_hours,
        work_seconds=planned.work_seconds,
        begins_at=terms.begins_at,
        done_at=planned.done_at,
        storage_bytes=planned.storage_bytes,
        storage_price=planned.storage_price,
        writes=planned.writes,
        writes_price=planned.writes_price,
        measured=sum(past.part == part for past in history),
    )


def _refused(backlog: WaitingRows) -> Iterator[RefusedTitle]:
    for row, fault in backlog.refused:
        yield RefusedTitle(
            content_type=row.content_type, content_id=row.content_id, title=row.name, reason=fault
        )


def _standing(backlog: WaitingRows) -> Iterator[RefusedTitle]:
    """What earlier nights refused, except rows that have changed since."""
    rows = (*backlog.to_publish.taken, *backlog.to_publish.left, *(row for row, _ in backlog.refused))
    looked_at = {(row.content_type, row.content_id) for row in rows}
    for title in backlog.standing:
        if (title.content_type, title.content_id) not in looked_at:
            yield RefusedTitle(
                content_type=title.content_type,
                content_id=title.content_id,
                title=title.title,
                reason=title.reason or "",
            )


def _planned(part: Part, planned: Forecast[SourceRow]) -> Iterator[PlannedTitle]:
    for title in planned.titles[:_SHOWN]:
        yield PlannedTitle(
            **_waiting(part, title.row).model_dump(),
            expected_seconds=title.seconds,
            lane=title.lane,
            begins_at=title.begins_at,
            ends_at=title.ends_at,
            fits=title.fits,
        )


def _left(part: Part, rows: PassRows) -> Iterator[WaitingTitle]:
    return (_waiting(part, row) for row in rows.left[:_SHOWN])


def _waiting(part: Part, row: SourceRow) -> WaitingTitle:
    return WaitingTitle(
        content_type=row.content_type,
        content_id=row.content_id,
        title=row.name,
        part=part,
        source_hours=row.hours,
        length_from=row.length_from,
    )
