"""
### Keep the catalog, the bucket and the work area tidy

Eleven tasks, none of which waits for another:

- **expired_claims**: titles whose run died go back to the backlog; runs that still wait keep their claims
- **abandoned_uploads**: Nightreel's own multipart uploads older than a day are aborted; uploads in chunks,
  a week after their latest chunk
- **superseded_releases**: releases replaced longer ago than the grace period are deleted; where publishing
  was stopped halfway, viewers are led back to the release that the catalog names
- **unknown_releases**: releases that no record names are deleted after the same grace period; of a big
  bucket, 2,000 titles are looked at in each run
- **orphaned_titles**: published titles whose row is gone are reported, and deleted after
  `NIGHTREEL_ORPHAN_GRACE_SECONDS` where that is set; not while the table itself seems to be gone
- **unnamed_uploads**: sources that came through the web app are deleted when no row has named them for
  `NIGHTREEL_UPLOAD_GRACE_SECONDS`; uploads that were finished thirty days ago are forgotten, not their files
- **old_reports**: validation reports older than thirty days are deleted, but for those of releases that
  still lie in the bucket
- **old_history**: attempts and deleted releases are forgotten after ninety days, but for the latest twenty
  attempts of each title and the one that made what is played
- **work_area**: what dead runs left behind is removed
- **old_jobs**: the progress of old jobs is forgotten after ninety days
- **notifications**: events of the last three days that a receiver did not accept are sent again; those older
  than thirty are forgotten

**Parameters**: none; the grace period of releases is `NIGHTREEL_RELEASE_GRACE_SECONDS`.

**Safe to run twice**: yes. A release that a public URL points to is never deleted.
"""

from datetime import timedelta

from airflow.sdk import dag

from nightreel.orchestration import tasks
from nightreel.orchestration.operators import task
from nightreel.orchestration.retries import retry_arguments
from nightreel.orchestration.schedules import by_the_clock
from nightreel.settings import settings


@dag(
    doc_md=__doc__,
    schedule=by_the_clock(settings().housekeeping_schedule, settings()),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "nightreel",
        "execution_timeout": timedelta(hours=1),
        **retry_arguments(settings()),
    },
    tags=["nightreel", "housekeeping"],
)
def housekeeping() -> None:
    """The chores, each by itself, so that one that fails does not hold up the others."""
    task(task_id="expired_claims")(tasks.expired_claims)()
    task(task_id="abandoned_uploads")(tasks.abandoned_uploads)()
    task(task_id="superseded_releases")(tasks.superseded_releases)()
    task(task_id="unknown_releases")(tasks.unknown_releases)()
    task(task_id="orphaned_titles")(tasks.orphaned_titles)()
    task(task_id="unnamed_uploads")(tasks.unnamed_uploads)()
    task(task_id="old_reports")(tasks.old_reports)()
    task(task_id="old_history")(tasks.old_history)()
    task(task_id="work_area")(tasks.work_area)()
    task(task_id="old_jobs")(tasks.old_jobs)()
    task(task_id="notifications")(tasks.notifications)()


housekeeping()
