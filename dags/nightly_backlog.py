"""
### Convert what is new in the catalog, every night

1. **scan** the catalog for titles that are not converted, or whose source changed
2. **check** the rows; those that cannot be converted are quarantined until they change, and take no places
3. **convert** in two passes, the most valuable first, then the oldest: first releases, so that everything
   new plays as soon as it can; then the other renditions of the titles that have only a first release,
   those of this night and of earlier ones. Each is a run of `convert_title`, claimed and queued when a
   place is free, so that a person's run never waits behind the night's
4. **report**: counts, hours of video, and why titles failed
5. **notify** the configured receivers of that report

**Parameters**: none. How much the first pass takes is in the settings (`NIGHTREEL_BACKLOG_MAX_TITLES`,
`NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS`), how much the second one (`NIGHTREEL_BACKLOG_MAX_COMPLETIONS`,
`NIGHTREEL_BACKLOG_MAX_COMPLETION_HOURS`), and how many titles at once (`NIGHTREEL_TITLE_CONCURRENCY`). With
`NIGHTREEL_FIRST_RELEASES=false` the first pass makes all renditions of what is new.

**Safe to run twice**: yes, also at the same time: a title belongs to one run only. A night that is
cleared scans again; a title whose run is deleted or marked goes back to the backlog.

**When its time is up** (`NIGHTREEL_BACKLOG_TIMEOUT_SECONDS`): no more titles start; those in progress go
on by themselves, and the report judges what there is.

**While `convert_title` is paused**: no title is started, and the night waits for it to be unpaused until its
time is up; then it fails, and the report says why.

**When it fails**: a title failed, and the report names it. The other titles are done; one whose second
pass failed plays its first release. Failed titles
are tried again the next night, five times in all; quarantined ones are left alone until their source
changes or a person forces them.
"""

from datetime import timedelta

from airflow.sdk import dag

from nightreel.orchestration import tasks
from nightreel.orchestration.operators import task
from nightreel.orchestration.retries import notify_arguments, retry_arguments
from nightreel.orchestration.schedules import backlog_deadlines, by_the_clock
from nightreel.settings import settings

night_time = timedelta(seconds=settings().backlog_timeout_seconds)
MARGIN = timedelta(hours=1)


@dag(
    doc_md=__doc__,
    # No start_date: with one in the past, Airflow would start a night at deployment.
    schedule=by_the_clock(settings().backlog_schedule, settings()),
    catchup=False,
    max_active_runs=1,
    # Ends a night that nothing else ends; its own time is up earlier.
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
    # The report must run even then, to say that the night failed.
    reported = task(task_id="report", trigger_rule="all_done")(tasks.report)()
    notified = task(task_id="notify", **notify_arguments(settings()))(tasks.notify)()

    converted >> reported >> notified
    # A teardown always runs, and does not count for the run's success: only the report does.
    notified.as_teardown()


nightly_backlog()
