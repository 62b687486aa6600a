"""
### Convert what is new in the catalog, every night

1. **scan** the catalog for titles that are not converted, or whose source changed
2. **check** the rows; those that cannot be converted are quarantined until they change, and take no places
3. **convert** as many as the night takes, oldest first: a run of `convert_title` for each, claimed and
   queued when a place is free, so that a person's run never waits behind the night's
4. **report**: counts, hours of video, and why titles failed
5. **notify** the configured receivers of that report

**Parameters**: none. How much a night takes is in the settings (`NIGHTREEL_BACKLOG_MAX_TITLES`,
`NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS`), and how many titles at once (`NIGHTREEL_TITLE_CONCURRENCY`).

**Safe to run twice**: yes, also at the same time: a title belongs to one run only. A night that is
cleared scans again; a title whose run is deleted or marked goes back to the backlog.

**When its time is up** (`NIGHTREEL_BACKLOG_TIMEOUT_SECONDS`): no more titles start; those in progress go
on by themselves, and the report judges what there is.

**While `convert_title` is paused**: no title is started, and the night waits for it to be unpaused until its
time is up; then it fails, and the report says why.

**When it fails**: a title failed, and the report names it. The other titles are done. Failed titles
are tried again the next night, five times in all; quarantined ones are left alone until their source
changes or a person forces them.
"""

from datetime import timedelta

from airflow.sdk import dag

from nightreel.orchestration import tasks
from nightreel.orchestration.deadlines import backlog_deadlines
from nightreel.orchestration.operators import task
from nightreel.orchestration.retries import notify_arguments, retry_arguments
from nightreel.orchestration.schedules import by_the_clock
from nightreel.settings import settings

night_time = timedelta(seconds=settings().backlog_timeout_seconds)
MARGIN = timedelta(hours=1)


@dag(
    doc_md=__doc__,
    # No start_date: with one in the past, Airflow would begin a night at the moment of deployment.
    schedule=by_the_clock(settings().backlog_schedule, settings()),
    catchup=False,
    max_active_runs=1,
    # What ends a night that nothing else does; its own time is up before.
    dagrun_timeout=night_time + 2 * MARGIN,
    deadline=backlog_deadlines(settings()),
    default_args={
        "owner": "nightreel",
        "execution_timeout": timedelta(hours=1),
        **retry_arguments(settings()),
    },
    tags=["nightreel", "backlog"],
)
def nightly_backlog() -> None:
    """The tasks of a night, and their order."""
    scanned = task(task_id="scan")(tasks.scan)()
    checked = task(task_id="check")(tasks.check)(scanned)
    converted = task(task_id="convert", execution_timeout=night_time + MARGIN)(tasks.convert)(checked)
    # The report must be there to say that the night failed.
    reported = task(task_id="report", trigger_rule="all_done")(tasks.report)()
    notified = task(task_id="notify", **notify_arguments(settings()))(tasks.notify)()

    converted >> reported >> notified
    # A teardown runs however the night went, and leaves it to the report whether the run succeeded.
    notified.as_teardown()


nightly_backlog()
