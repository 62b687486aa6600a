"""Run the encode jobs of one mapped task, and bring what they make into the bucket."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.execution_time.context import TaskStateStoreAccessor

from nightreel.media.encoding.complaints import judge_encoded
from nightreel.media.encoding.transcode import MINIMUM_TIMEOUT_SECONDS, encode, timeout_for
from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.programs.process import Progress
from nightreel.media.renditions import EncodeJob, EncodeTask
from nightreel.orchestration.conversion.copies import copied_in, copy_track, encode_instead
from nightreel.orchestration.conversion.encoder_choice import choose_encoders
from nightreel.orchestration.conversion.metering import part
from nightreel.orchestration.conversion.plan import DURATION_KEY
from nightreel.orchestration.conversion.quality import measure_renditions
from nightreel.orchestration.conversion.rates import choose_rates
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.conversion.tracks import finish_tracks, finished
from nightreel.runs.progress import PROGRESS_KEY, EncodeProgress
from nightreel.runs.steps import Step
from nightreel.settings import settings
from nightreel.workspace.names import SOURCE, encoded_name

log = logging.getLogger(__name__)

_STATE_SECONDS = 2.0
_LOG_SECONDS = 15.0
_ROOM_FACTOR = 1.3
# Time to fetch from and keep in a remote work area, and to upload, beside the encode's own limit.
_TIMEOUT_MARGIN_SECONDS = 6 * 3600.0


def transcode_renditions(ticket: dict[str, Any], work: dict[str, Any]) -> None:
    """Encodes a task's renditions, then packages, judges and uploads each. A try makes what is missing.

    One that is to be copied is encoded too, with a warning, where the gate refuses the copy. Raises
    ConfigurationError when the hardware that NIGHTREEL_ENCODER names does not work here, and
    SourceRejected when decoding finds the source damaged beyond NIGHTREEL_DAMAGE_TOLERANCE.
    """
    task = EncodeTask.model_validate(work)
    with working(ticket, f"transcode {task.label}") as conversion:
        for job in task.jobs:
            _transcode(job, conversion)


def _transcode(job: EncodeJob, conversion: Conversion) -> None:
    if finished(job.renditions, conversion):
        log.info("%s was finished by an earlier try", job.label)
        return
    if (copied := copied_in(job, conversion.plan)) is not None:
        refused = copy_track(copied, conversion)
        if refused is None:
            return
        encode_instead(copied, refused, conversion)
    told: Sequence[str] = list(filter(None, map(conversion.refused_copy, job.renditions)))
    for missing in narrowed([job], _not_encoded(job, conversion)):
        told = [*told, *_encode(missing, conversion)]
    finish_tracks(job.renditions, conversion, told)


def _not_encoded(job: EncodeJob, conversion: Conversion) -> list[str]:
    """The renditions of a job of which no earlier try left a file or a track."""
    missing = [
        name
        for name in job.renditions
        if not finished([name], conversion) and not conversion.area.exists(encoded_name(name))
    ]
    if done := [name for name in job.renditions if name not in missing]:
        log.info("encoded by an earlier try: %s", ", ".join(done))
    return missing


def _encode(encode_job: EncodeJob, conversion: Conversion) -> Sequence[str]:
    """Encodes a job's renditions; returns sentences for the title's owner about what was lost."""
    area, plan = conversion.area, conversion.plan
    area.require_free(_room_for(encode_job, conversion))
    store = get_current_context()["task_state_store"]
    encoders = choose_encoders(encode_job, conversion, store)
    cores = conversion.settings.encode_threads or len(os.sched_getaffinity(0))
    with part(conversion.parts, "trials"):
        crfs = choose_rates(encode_job, conversion, encoders, cores, lambda _: conversion.require_claim())
    with ExitStack() as stack:
        outputs = {
            name: stack.enter_context(area.writing(encoded_name(name))) for name in encode_job.renditions
        }
        damaged = encode(
            encode_job,
            plan,
            area.fetch(SOURCE),
            outputs,
            ffmpeg_binary=conversion.binaries.ffmpeg,
            timeout_seconds=timeout_for(
                plan, conversion.settings.encode_timeout_factor * len(encode_job.renditions)
            ),
            encoders=encoders,
            cores=cores,
            crfs=crfs,
            on_progress=_listener(encode_job, conversion, store),
        )
        warning = judge_encoded(conversion.source, encode_job, damaged, conversion.settings.damage_tolerance)
    with part(conversion.parts, "quality"):
        measure_renditions(encode_job, conversion)
    if warning:
        # At once: a try that stops before the track is finished leaves no other word of it.
        conversion.catalog.leases.warn(conversion.claim, [warning])
    return [warning] if warning else []


def limit_time(context: Any) -> None:
    """Sets the task's execution_timeout in proportion to the source and the renditions; runs before it.

    The encode's own limit fires first and reports FFmpeg's messages; this one ends a task that
    hangs elsewhere.
    """
    duration = context["ti"].xcom_pull(task_ids=Step.PLAN, key=DURATION_KEY) or 0.0
    renditions = len(EncodeTask.model_validate(context["task"].op_kwargs["work"]).renditions)
    seconds = MINIMUM_TIMEOUT_SECONDS + settings().encode_timeout_factor * renditions * float(duration)
    context["task"].execution_timeout = timedelta(seconds=seconds + _TIMEOUT_MARGIN_SECONDS)


def _listener(
    job: EncodeJob, conversion: Conversion, store: TaskStateStoreAccessor
) -> Callable[[Progress], None]:
    """Ends the encode once another run owns the title; reports the progress of pictures.

    That of a sound would be at its end at once, and begin again with the pictures.
    """
    if job.kind == "video":
        return ProgressReport(conversion, store)
    return lambda _: conversion.require_claim()


class ProgressReport:
    """Reports an encode's progress: often in the task's state, now and then in its log."""

    def __init__(self, conversion: Conversion, store: TaskStateStoreAccessor) -> None:
        self._conversion = conversion
        self._store = store
        self._stored = self._logged = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Raises ClaimLost, which ends the encode, once another run owns the title."""
        self._conversion.require_claim()
        now = time.monotonic()
        if now - self._stored >= _STATE_SECONDS:
            self._stored = now
            self._keep(progress)
        if now - self._logged >= _LOG_SECONDS:
            self._logged = now
            self._say(progress)

    def _keep(self, progress: Progress) -> None:
        total = self._conversion.plan.duration
        remaining = progress.remaining_seconds(total)
        self._store.set(
            PROGRESS_KEY,
            EncodeProgress(
                percent=round(progress.percent(total), 1),
                speed=round(progress.speed, 2),
                eta_seconds=None if remaining is None else round(remaining),
            ).model_dump(),
        )

    def _say(self, progress: Progress) -> None:
        total = self._conversion.plan.duration
        remaining = progress.remaining_seconds(total)
        log.info(
            "%.0f %% at %.2f× real time, %s left",
            progress.percent(total),
            progress.speed,
            "unknown time" if remaining is None else f"{remaining:.0f} s",
        )


def _room_for(job: EncodeJob, conversion: Conversion) -> int:
    """Bytes that the job may write: its rates over its length, and room for the cap above them."""
    rates = (conversion.plan.rendition(name) for name in job.renditions)
    bits_per_second = sum(getattr(item, "maxrate_bps", 0) or getattr(item, "audio_bps", 0) for item in rates)
    return int(bits_per_second / 8 * conversion.plan.duration * _ROOM_FACTOR)
