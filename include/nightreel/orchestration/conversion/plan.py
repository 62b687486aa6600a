"""Probe the source and decide which renditions to make of it."""

import logging
from typing import Any

from airflow.sdk import get_current_context

from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.orchestration.conversion.session import working
from nightreel.workspace.names import PLAN, PROBE, SOURCE

log = logging.getLogger(__name__)

DURATION_KEY = "duration_seconds"


def plan_title(ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Writes the probe and the plan into the work area; returns the encode jobs to map over.

    Raises SourceRejected when the source cannot become a stream.
    """
    with working(ticket, "plan") as conversion:
        options, area = conversion.settings, conversion.area
        source = inspect(
            area.fetch(SOURCE),
            conversion.binaries,
            decode_check=options.decode_check,
            damage_tolerance=options.damage_tolerance,
        )
        ladder = load_ladder(options.ladder)
        if conversion.ticket.ladder:
            ladder = ladder.only(conversion.ticket.ladder)
        plan = build_plan(
            source,
            ladder,
            PlanOptions(
                segment_seconds=options.segment_seconds,
                keyframe_seconds=options.keyframe_seconds,
                preset=options.preset or None,
                container=options.container,
                codecs=options.codecs,
                hdr=options.hdr,
                encrypted=conversion.ticket.encrypted,
                sound=conversion.ticket.sound,
                loudness_lufs=options.loudness_lufs if options.normalise_loudness else None,
                thumbnail_seconds=options.thumbnail_seconds,
                sprite_seconds=options.sprite_seconds,
            ),
        )
        for name, model in ((PROBE, source), (PLAN, plan)):
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
        return [job.model_dump(mode="json") for job in plan.jobs]
