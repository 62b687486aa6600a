"""Run one encode job: a rendition of the picture, or a sound track."""

import logging
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.execution_time.context import TaskStateStoreAccessor

from nightreel.media.encoding.complaints import judge_encoded
from nightreel.media.encoding.transcode import MINIMUM_TIMEOUT_SECONDS, encode, timeout_for
from nightreel.media.programs.process import Progress
from nightreel.media.renditions import EncodeJob
from nightreel.orchestration.conversion.encoder_choice import choose_encoders
from nightreel.orchestration.conversion.plan import DURATION_KEY
from nightreel.orchestration.conversion.quality import measure_renditions
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.runs.progress import PROGRESS_KEY, EncodeProgress
from nightreel.runs.steps import Step
from nightreel.settings import settings
from nightreel.workspace.names import SOURCE, encoded_name

log = logging.getLogger(__name__)

_STATE_SECONDS = 2.0
_LOG_SECONDS = 15.0
_ROOM_FACTOR = 1.3
# Time to fetch from and keep in a remote work area, beside the encode's own limit.
_TIMEOUT_MARGIN_SECONDS = 900.0


def transcode_job(ticket: dict[str, Any], job: dict[str, Any]) -> None:
    """Encodes a job's renditions into the work area; finished ones are not made again.

    Raises ConfigurationError when the hardware that NIGHTREEL_ENCODER names does not work here,
    and SourceRejected when decoding finds the source damaged beyond NIGHTREEL_DAMAGE_TOLERANCE.
    """
    encode_job = EncodeJob.model_validate(job)
    with working(ticket, f"transcode {encode_job.label}") as conversion:
        area, plan = conversion.area, conversion.plan
        if all(area.exists(encoded_name(name)) for name in encode_job.renditions):
            log.info("%s was encoded by an earlier try", encode_job.label)
            return
        area.require_free(_room_for(encode_job, conversion))
        store = get_current_context()["task_state_store"]
        encoders = choose_encoders(encode_job, conversion, store)
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
                timeout_seconds=timeout_for(plan, conversion.settings.encode_timeout_factor),
                encoders=encoders,
                on_progress=ProgressReport(conversion, store),
            )
            warning = judge_encoded(
                conversion.source, encode_job, damaged, conversion.settings.damage_tolerance
            )
        measure_renditions(encode_job, conversion)
        if warning:
            conversion.catalog.leases.warn(conversion.claim, [warning])


def limit_time(context: Any) -> None:
    """Sets the task's execution_timeout in proportion to the source; runs before the task.

    The encode's own limit fires first and reports FFmpeg's messages; this one ends a task that
    hangs elsewhere.
    """
    duration = context["ti"].xcom_pull(task_ids=Step.PLAN, key=DURATION_KEY) or 0.0
    seconds = MINIMUM_TIMEOUT_SECONDS + settings().encode_timeout_factor * float(duration)
    context["task"].execution_timeout = timedelta(seconds=seconds + _TIMEOUT_MARGIN_SECONDS)


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
