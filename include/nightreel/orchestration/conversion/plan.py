"""Probe the source and decide which renditions to make of it."""

import logging
from typing import Any

from airflow.sdk import get_current_context

from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.copied import copied_rendition, first_copy, own_grid, with_copy
from nightreel.media.planning.copied_sounds import with_copied_sounds, with_sounds_of
from nightreel.media.planning.copying import copying
from nightreel.media.planning.encode_jobs import encode_tasks
from nightreel.media.planning.first_release import first_release, soon_whole
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, build_plan
from nightreel.media.source import SourceProbe
from nightreel.orchestration.conversion.plan_options import copies_sounds, copy_limits, plan_options
from nightreel.orchestration.conversion.scope import FirstRelease, Scope, completing_scope, first_scope
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.conversion.tracks import keep_tracks
from nightreel.runs.dags import by_night
from nightreel.workspace.names import PLAN, PROBE, SCOPE, SOURCE

log = logging.getLogger(__name__)

DURATION_KEY = "duration_seconds"


def plan_title(ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Writes the probe and the plan into the work area; returns the encode tasks to map over.

    Raises SourceRejected when the source cannot become a stream.
    """
    with working(ticket, "plan") as conversion:
        options, area = conversion.settings, conversion.area
        first = _first_release(conversion)
        source = inspect(
            area.fetch(SOURCE),
            conversion.binaries,
            decode_check=options.decode_check,
            damage_tolerance=options.damage_tolerance,
            for_copying=first is None and _may_copy(conversion),
            sounds_for_copying=first is None and _may_copy_sounds(conversion),
        )
        plan, scope = _chosen(source, first, conversion)
        for name, model in ((PROBE, source), (PLAN, plan), (SCOPE, scope)):
            with area.writing(name) as path:
                path.write_text(model.model_dump_json(indent=2))
        conversion.catalog.leases.record_plan(conversion.claim, plan.model_dump(mode="json"))
        if plan.warnings:
            conversion.catalog.leases.warn(conversion.claim, plan.warnings)
        log.info(
            "%s s at %s fps: %s",
            round(plan.duration, 3),
            plan.frame_rate,
            ", ".join(job.label for job in plan.jobs),
        )
        get_current_context()["ti"].xcom_push(key=DURATION_KEY, value=plan.duration)
        return [each.model_dump(mode="json") for each in encode_tasks(plan.jobs)]


def _first_release(conversion: Conversion) -> FirstRelease | None:
    """The first release that this run is to complete."""
    claim, ticket = conversion.claim, conversion.ticket
    if ticket.ladder or not ticket.sound:
        return None
    release = conversion.catalog.releases.to_complete(claim)
    if release is None:
        return None
    return FirstRelease(claim.title, release, conversion.catalog, conversion.bucket)


def _may_copy(conversion: Conversion) -> bool:
    options = conversion.settings
    return conversion.ticket.first and options.copy_pictures and options.container == "cmaf"


def _may_copy_sounds(conversion: Conversion) -> bool:
    return conversion.ticket.sound and copies_sounds(conversion.settings)


def _chosen(source: SourceProbe, first: FirstRelease | None, conversion: Conversion) -> tuple[Plan, Scope]:
    """What this run makes of a source: the rest of its first release, a first release, or all of it."""
    release = conversion.claim.release
    if first is not None:
        plan = _on_the_grid_of(first, source, conversion)
        kept = first.tracks_for(plan, conversion.binaries.versions())
        log.info("the first release is completed, which has %s", ", ".join(kept) or "nothing that stays")
        keep_tracks(kept, conversion)
        return completing_scope(plan, kept, release)
    if conversion.ticket.first:
        return _first(source, conversion)
    return _with_own_sounds(source, conversion), Scope(complete=True, timeline=release)


def _on_the_grid_of(first: FirstRelease, source: SourceProbe, conversion: Conversion) -> Plan:
    """The plan of everything, with what the first release copied, where it may stay."""
    before = first.plan
    if before is None:
        return _planned(source, conversion)
    plan = _planned(source, conversion, before.grid if before.has_own_grid else None)
    if _may_copy_sounds(conversion):
        plan = with_sounds_of(before, plan)
    copied = next((item for item in before.video if item.copied), None)
    return plan if copied is None else with_copy(plan, copied)


def _first(source: SourceProbe, conversion: Conversion) -> tuple[Plan, Scope]:
    """The plan of a first release: the source's own picture where it may be copied, else one rendition.

    A copy that only some players decode comes beside that rendition. What is short has all renditions.
    """
    options, release = conversion.settings, conversion.claim.release
    if not _may_copy(conversion):
        return _first_of(_with_own_sounds(source, conversion), conversion)
    verdict = copying(source, copy_limits(options))
    if (grid := own_grid(verdict, options.segment_seconds)) is not None:
        whole = _with_own_sounds(source, conversion, grid)
        copied = copied_rendition(source, whole)
        complete = with_copy(whole, copied)
        if soon_whole(complete, options.first_release_seconds):
            return complete, Scope(complete=True, timeline=release)
        plan = first_copy(whole, copied, options.first_release_height)
        return plan, first_scope(plan, complete, release)
    for reason in verdict.reasons:
        log.info("%s", reason)
    whole = _with_own_sounds(source, conversion)
    return _first_of(
        whole.model_copy(update={"not_copied": (*verdict.reasons, *whole.not_copied)}), conversion
    )


def _first_of(whole: Plan, conversion: Conversion) -> tuple[Plan, Scope]:
    """What a first release has of this plan, if nothing is copied: all of it where it is short."""
    options, release = conversion.settings, conversion.claim.release
    if soon_whole(whole, options.first_release_seconds):
        return whole, Scope(complete=True, timeline=release)
    plan = first_release(whole, options.first_release_height)
    return plan, first_scope(plan, whole, release)


def _with_own_sounds(source: SourceProbe, conversion: Conversion, grid: Grid | None = None) -> Plan:
    """The plan of everything, with the source's own sounds where they may be copied."""
    plan = _planned(source, conversion, grid)
    if not _may_copy_sounds(conversion):
        return plan
    plan = with_copied_sounds(plan, source)
    for reason in plan.not_copied:
        log.info("%s", reason)
    return plan


def _planned(source: SourceProbe, conversion: Conversion, grid: Grid | None = None) -> Plan:
    options, ticket = conversion.settings, conversion.ticket
    ladder = load_ladder(options.ladder)
    if ticket.ladder:
        ladder = ladder.only(ticket.ladder)
    chosen = plan_options(
        options,
        encrypted=ticket.encrypted,
        sound=ticket.sound,
        by_night=by_night(str(get_current_context()["run_id"])),
    )
    return build_plan(source, ladder, chosen, grid)
