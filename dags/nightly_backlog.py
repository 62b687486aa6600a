"""
### Convert what is new in the catalog, every night

1. **scan** the catalog for titles that are not converted, or whose source changed
2. **check** the rows; those that cannot be converted are quarantined until they change, and take no places
3. **claim** as many as the night takes, oldest first
4. **convert**: a run of `convert_title` per title, named by the title
5. **report**: counts, hours of video, and why titles failed
6. **notify** whoever the settings name of that report

**Parameters**: none. How much a night takes is in the settings (`NIGHTREEL_BACKLOG_MAX_TITLES`,
`NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS`).

**Safe to run twice**: yes, also at the same time: a title belongs to one run only.

**When it fails**: a title failed, and the report names it. The other titles are done. Failed titles
are tried again the next night, five times in all; quarantined ones are left alone until their source
changes or a person forces them.
"""

from datetime import timedelta

from airflow.sdk import dag

from nightreel.orchestration.backlog import check, claim, report, scan
from nightreel.orchestration.deadlines import backlog_deadlines
from nightreel.orchestration.notification import notify_arguments, notify_of_run
from nightreel.orchestration.operators import TriggerRuns, task
from nightreel.orchestration.retries import retry_arguments
from nightreel.orchestration.schedules import by_the_clock
from nightreel.settings import settings


@dag(
    doc_md=__doc__,
    # No start_date: with one in the past, Airflow would begin a night at the moment of deployment.
    schedule=by_the_clock(settings().backlog_schedule, settings()),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=64,
    deadline=backlog_deadlines(settings()),
    default_args={
        "owner": "nightreel",
        "execution_timeout": timedelta(hours=1),
        **retry_arguments(settings()),
    },
    tags=["nightreel", "backlog"],
)
def nightly_backlog():
    scanned = task(task_id="scan")(scan.scan_backlog)()
    checked = task(task_id="check")(check.check_scanned_rows)(scanned)
    # The report waits for every title, and must be there to say that the night failed.
    reported = task(task_id="report", trigger_rule="all_done", execution_timeout=timedelta(days=2))(
        report.report_night
    )()
    notified = task(task_id="notify", **notify_arguments(settings()))(notify_of_run)()
    # A teardown runs however the night went, and leaves it to the report whether the run succeeded.
    reported >> notified.as_teardown()
    # Airflow maps over at most a thousand items, so a larger night has several mapped tasks.
    for batch in claim.batches(settings().backlog_max_titles):
        claimed = task(task_id=claim.batch_task_id("claim", batch))(claim.claim_backlog)(checked, batch)
        converted = TriggerRuns.partial(
            task_id=claim.batch_task_id("convert", batch),
            trigger_dag_id="convert_title",
            wait_for_completion=True,
            deferrable=True,
            poke_interval=settings().backlog_poll_seconds,
            # How a title ended is the report's to judge, from the catalog.
            allowed_states=["success", "failed"],
            failed_states=[],
            # A retry finds the run that the first try began.
            skip_when_already_exists=True,
            execution_timeout=None,
            map_index_template="{{ task.conf['name'] }}",
        ).expand_kwargs(claimed)
        [claimed, converted] >> reported


nightly_backlog()
