"""Starts a run for each of the night's titles as slots become free, and follows each to its end.

In two passes: first what has no release of its present source, then what has only a first release. One
task does it for all: no more runs are queued than can be worked on, so that a person's run never
waits behind a thousand others, and a run that is deleted or never starts delays no other.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context

from nightreel.catalog import Catalog, HeldClaim
from nightreel.errors import Transient
from nightreel.night.candidates import incomplete
from nightreel.night.rows import ScannedRow, within_one_night
from nightreel.orchestration import title_runs
from nightreel.orchestration.backlog.scan import SCANNED_AT_KEY
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.title_runs import expire_unattended
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.progress import PROGRESS_KEY, NightProgress
from nightreel.runs.steps import NightStep
from nightreel.settings import Settings, settings
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)

PAUSED_KEY = "paused"
"""True if the night's time was up while the DAG of the titles' runs was paused."""


def now() -> datetime:
    """In UTC."""
    return datetime.now(UTC)


def convert_titles(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Converts what fits into the night; returns how many titles were started, and how many were left.

    Then completes the titles that have only a first release, those of tonight among them. Skips titles
    that another run claimed since the scan. When the night's time is up, starts no more; those in
    progress continue.
    """
    options, context = settings(), get_current_context()
    tonight = within_one_night(
        (ScannedRow.model_validate(row) for row in rows),
        options.backlog_max_titles,
        options.backlog_max_source_hours,
    )
    catalog = open_catalog(options)
    scanned_at = context["ti"].xcom_pull(task_ids=NightStep.SCAN, key=SCANNED_AT_KEY)
    night = Night(catalog, options, str(context["run_id"]), datetime.fromisoformat(scanned_at))
    night.go_on_with_reservations()
    night.convert([row.title for row in tonight])
    night.complete()
    if night.paused:
        context["ti"].xcom_push(key=PAUSED_KEY, value=True)
    return {"begun": night.begun, "left": night.left}


class Night:
    """The titles of one night, from waiting to ended. Their state is in the catalog.

    `scanned_at` separates this night's attempts from those before it was cleared.
    """

    def __init__(self, catalog: Catalog, options: Settings, run_id: str, scanned_at: datetime) -> None:
        self._catalog = catalog
        self._options = options
        self._run_id = run_id
        self._scanned_at = scanned_at
        started = get_current_context()["dag_run"].start_date or now()
        self._ends_at = started + timedelta(seconds=options.backlog_timeout_seconds)
        self.left = 0
        self.paused = False
        self._told: tuple[int, int] | None = None

    @property
    def begun(self) -> int:
        """How many titles of this night were started."""
        return len(self._catalog.attempts.begun_by_night(self._run_id, self._scanned_at))

    def go_on_with_reservations(self) -> None:
        """Queues the runs for claims of an earlier try that was killed."""
        reserved = [
            claim.title
            for claim in self._catalog.leases.held()
            if claim.night == self._run_id and not claim.adopted
        ]
        for claim in self._catalog.claims.of_night(reserved, self._run_id, self._options.lease):
            title_runs.start_run(self._run_id, claim)

    def convert(self, titles: Sequence[Title]) -> None:
        """Starts each title once, never more at a time than the settings allow, and waits for all.

        While a person has paused the DAG, none is started; the night continues when it is resumed.
        """
        begun_before = set(self._catalog.attempts.begun_by_night(self._run_id, self._scanned_at))
        self._work_through(deque(title for title in titles if title not in begun_before))

    def complete(self) -> None:
        """Starts each title that has only a first release, except those that did not succeed tonight.

        As many as `backlog_max_completions` and `backlog_max_completion_hours` allow.
        """
        options, attempts = self._options, self._catalog.attempts
        tried = set(attempts.unpublished_by_night(self._run_id, self._scanned_at))
        rows = within_one_night(
            incomplete(self._catalog, options.backlog_max_completions),
            options.backlog_max_completions,
            options.backlog_max_completion_hours,
        )
        self._work_through(deque(row.title for row in rows if row.title not in tried))

    def _work_through(self, waiting: deque[Title]) -> None:
        while now() < self._ends_at:
            try:
                in_work = self._look_after_claims()
                self._tell(len(waiting), len(in_work))
                if not waiting and all(claim.night != self._run_id for claim in in_work):
                    return
                self._notice_pause()
                if not self.paused:
                    self._begin(waiting, self._options.title_concurrency - len(in_work))
            except Transient as error:
                # The night is long, and the restart of a database must not end it.
                log.warning("looking again in %d s: %s", self._options.backlog_poll_seconds, error)
            time.sleep(self._options.backlog_poll_seconds)
        self.left += len(waiting)
        log.warning("the night's time is up: %d titles are left for the next one", self.left)

    def _notice_pause(self) -> None:
        before, self.paused = self.paused, title_runs.are_paused()
        if self.paused and not before:
            log.warning("%s is paused: no title starts until it is unpaused", CONVERT_DAG)
        elif before and not self.paused:
            log.info("%s is no longer paused: the night goes on", CONVERT_DAG)

    def _look_after_claims(self) -> list[HeldClaim]:
        """The nights' claims with living runs; ends those that no run will end."""
        of_nights = [claim for claim in self._catalog.leases.held() if claim.night is not None]
        return expire_unattended(self._catalog, of_nights)

    def _begin(self, waiting: deque[Title], free: int) -> None:
        while waiting and free > 0:
            batch = [waiting.popleft() for _ in range(min(free, len(waiting)))]
            claims = self._catalog.claims.of_night(batch, self._run_id, self._options.lease)
            for claim in claims:
                run_id = title_runs.start_run(self._run_id, claim)
                log.info("began %s, attempt %d: %s", claim.title, claim.attempt, run_id)
            free -= len(claims)

    def _tell(self, waiting: int, in_work: int) -> None:
        """Once for each change: a night looks thousands of times."""
        if (waiting, in_work) == self._told:
            return
        log.info("%d titles wait, %d are in progress", waiting, in_work)
        progress = NightProgress(waiting=waiting)
        get_current_context()["task_state_store"].set(PROGRESS_KEY, progress.model_dump())
        self._told = (waiting, in_work)
