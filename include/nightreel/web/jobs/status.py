"""A job's status: from the catalog if it is over, otherwise also from Airflow."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nightreel.catalog import TitleStatus
from nightreel.catalog.runs import RunAttempt
from nightreel.runs.request import title_in
from nightreel.runs.steps import Step
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller
from nightreel.web.jobs.models import JobResult, JobState, JobStatus, JobStep, ResultVariant, public_id
from nightreel.web.jobs.observation import Observation, observe
from nightreel.web.jobs.progress import advanced, seconds_left, share_done
from nightreel.web.jobs.weights import Weights
from nightreel.web.services import Services

_VERDICTS = ("published", "unchanged", "quarantined", "failed")
_FIRST_RELEASE = "It plays; the other renditions follow."
_NO_VERDICT = "The run ended without a verdict; the title is back in the backlog."

_MESSAGES: Mapping[str | None, str] = {
    Step.CLAIM: "Claiming the title...",
    Step.FETCH: "Fetching the source...",
    Step.PLAN: "Looking at the source...",
    Step.PACKAGE: "Packaging...",
    Step.VALIDATE: "Checking the release...",
    Step.UPLOAD: "Uploading...",
    Step.PUBLISH: "Publishing...",
}


def status_of(services: Services, caller: Caller, run_id: str, weights: Weights) -> JobStatus | None:
    """The job's status; None if neither the catalog nor Airflow knows it.

    Raises CatalogUnavailable; AirflowUnavailable and AirflowRefused for a job without a verdict.
    """
    attempt = services.catalog.runs.attempt_of(run_id)
    seen = None
    if attempt is None or attempt.outcome not in _VERDICTS:
        with services.airflow(caller) as airflow:
            seen = observe(airflow, run_id)
        if seen is None or seen.run.finished:
            # It may have ended between the two requests.
            attempt = services.catalog.runs.attempt_of(run_id)
    title = attempt.title if attempt else _title_of(services, seen)
    if title is None:
        return None
    return _Job(services, run_id, title, attempt, seen, weights).status()


def _title_of(services: Services, seen: Observation | None) -> Title | None:
    """The title that a run was asked to convert."""
    if seen is None:
        return None
    return title_in(seen.run.conf, next(iter(services.catalog.mapping.content_types)))


class _Job:
    """A job at one moment: its latest attempt, if any, and its run, if Airflow knows it."""

    def __init__(
        self,
        services: Services,
        run_id: str,
        title: Title,
        attempt: RunAttempt | None,
        seen: Observation | None,
        weights: Weights,
    ) -> None:
        self._services = services
        self._run_id = run_id
        self._title = title
        self._attempt = attempt
        self._seen = seen
        self._weights = weights

    def status(self) -> JobStatus:
        attempt, seen = self._attempt, self._seen
        if attempt is not None and attempt.outcome in _VERDICTS:
            return self._judged(attempt)
        if seen is not None and not seen.run.finished:
            return self._running(seen) if seen.run.state == "running" else self._queued()
        if attempt is None:
            return self._without_claim(seen)
        if seen is None and attempt.outcome is None:
            # Airflow has forgotten the run; until its claim expires, it counts as working.
            return self._say("processing", "Processing...", self._percent())
        return self._failed(attempt.reason or _NO_VERDICT, attempt.reason_code)

    def _judged(self, attempt: RunAttempt) -> JobStatus:
        if attempt.outcome == "published":
            return self._completed(attempt)
        if attempt.outcome == "unchanged":
            # The time is that of the attempt behind the published release.
            return self._completed(None, "The source has not changed; the stream stays as it is.")
        return self._failed(attempt.reason or "The title was not converted.", attempt.reason_code)

    def _without_claim(self, seen: Observation | None) -> JobStatus:
        """The status of a run that ended without a claim: an unchanged, published title is skipped."""
        if seen is not None and seen.run.state == "success":
            return self._completed(None)
        return self._failed(*self._why_not_claimed())

    def _queued(self) -> JobStatus:
        return self._say("queued", "Queued.", self._percent())

    def _running(self, seen: Observation) -> JobStatus:
        percent, elapsed = self._percent(), self._elapsed(seen)
        left = seconds_left(share_done(seen.progress, self._weights), elapsed)
        message = _MESSAGES.get(seen.current, f"Transcoding... {int(percent)}%")
        return self._say(
            "processing",
            message,
            percent,
            steps=seen.steps,
            eta_seconds=None if left is None else round(left),
        )

    def _completed(self, attempt: RunAttempt | None, message: str = "") -> JobStatus:
        result = self._result(attempt)
        if result is None:
            message = "Processing complete; the stream has since been withdrawn."
        elif not message:
            message = "Processing complete!" if result.complete else _FIRST_RELEASE
        return self._say("completed", message, 100.0, result=result, steps=self._recorded("done"))

    def _failed(self, error: str, reason_code: str | None) -> JobStatus:
        return self._say(
            "failed",
            "Processing failed.",
            self._percent(),
            error=error,
            reason_code=reason_code,
            steps=self._recorded("failed"),
        )

    def _say(self, state: JobState, message: str, percent: float, **more: Any) -> JobStatus:
        return JobStatus(
            job_id=self._run_id,
            status=state,
            progress=int(percent),
            message=message,
            content_type=self._title.content_type,
            content_id=public_id(self._title.content_id),
            run_page=self._services.run_page(self._run_id),
            **more,
        )

    def _percent(self) -> float:
        """The highest progress that anybody saw of this job, also before a retry."""
        now = advanced(0.0, self._seen.progress if self._seen else [], self._weights)
        return self._services.catalog.runs.raise_percent(self._run_id, self._title, now)

    def _elapsed(self, seen: Observation) -> float:
        began = seen.run.start_date
        return 0.0 if began is None else max(0.0, (datetime.now(UTC) - began).total_seconds())

    def _recorded(self, last: str) -> tuple[JobStep, ...]:
        """The recorded steps that were done; the last one has this state."""
        if self._attempt is None:
            return ()
        ordered = sorted(self._attempt.steps.items(), key=lambda step: step[1].began)
        steps = []
        for number, (name, time) in enumerate(ordered, start=1):
            task, _, label = name.partition(" ")
            steps.append(
                JobStep(
                    name=task,
                    label=label or None,
                    state="failed" if last == "failed" and number == len(ordered) else "done",
                    started_at=datetime.fromtimestamp(time.began, UTC),
                    ended_at=datetime.fromtimestamp(time.began + time.seconds, UTC),
                )
            )
        return tuple(steps)

    def _result(self, attempt: RunAttempt | None) -> JobResult | None:
        """The published stream: the job's own, or a later one in its place."""
        now = self._in_catalog()
        if now is None or now.hls_url is None:
            return None
        took = attempt.processing_seconds if attempt else now.processing_seconds
        return JobResult(
            hls_url=now.hls_url,
            dash_url=now.dash_url,
            thumbnail_url=now.poster_url,
            duration=(attempt and attempt.duration_seconds) or now.duration_seconds or 0.0,
            variants=tuple(
                ResultVariant(
                    quality=each.quality,
                    bandwidth=each.bandwidth,
                    resolution=each.resolution,
                    codecs=each.codecs,
                )
                for each in now.variants
            ),
            files_uploaded=now.files_uploaded or 0,
            bytes=now.bytes or 0,
            processing_time_seconds=took or 0.0,
            release=now.release or "",
            complete=bool(now.complete),
        )

    def _why_not_claimed(self) -> tuple[str, str | None]:
        """Why a run ended before it had claimed the title, as a sentence and a code."""
        now = self._in_catalog()
        if now is None:
            return f"The catalog has no {self._title}.", "title_not_found"
        if now.state == "quarantined":
            return f"The title is quarantined: {now.reason}", now.reason_code
        if now.state == "claimed":
            return "Another run has the title.", "claimed"
        return "The run ended before it claimed the title; its log says why.", None

    def _in_catalog(self) -> TitleStatus | None:
        if self._title.content_type not in self._services.catalog.mapping.content_types:
            return None
        return next(
            iter(self._services.catalog.titles.status(self._title.content_type, self._title.content_id)), None
        )
