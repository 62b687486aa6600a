"""
### Convert one title into an adaptive stream

Takes one source from the catalog and ends with a stream that plays, or with a reason.

1. **claim** the title, so that no other run works on it
2. **fetch** the source into the work area; the run ends here when it is the same file that is published
3. **plan**: probe it, choose the renditions and one grid of keyframes; of a title that has only a first
   release, keep the tracks that it has
4. **transcode**, a mapped task per encode slot of the title, named by the renditions that it makes:
   decodes the source once for its pictures, encodes them, cuts each into segments, encrypted if the
   title is to be, measures and judges them, and uploads them; the first one makes the sounds and
   subtitles too; another try makes only what is missing
5. **package** all of them into one release: its manifests and the still pictures
6. **validate** the whole: what was measured of every track, and the manifests; nothing passes unjudged
7. **upload** the manifests and stills, then compare the bucket with the release's manifest
8. **publish**: two small manifests and one transaction in the catalog
9. **cleanup** the work area, however the run ended
10. **notify** the configured receivers of the result; an unreachable receiver fails no title

**Parameters**: `content_type` and `content_id` name the title; `force` converts it again even if
it is published or was quarantined; `first` makes only what plays soonest, one rendition with all sounds
and subtitles, to which a night or another run adds the others, and of a short title all of it; `encrypt`
decides, for this and later conversions, whether the title is encrypted; `sound` can leave the sound out;
`ladder` limits the renditions. Neither of the two goes with `first`.

**Safe to run twice**: yes. A published, unchanged title is skipped unless it has only a first release:
that is completed, and keeps playing meanwhile; with `force` a new release
replaces the old one without breaking the public URL for a moment. To repeat a run that
failed, clear it from its first task, or trigger a new one. A run whose title's row is deleted
meanwhile is skipped, and leaves nothing.

**When it fails**: the reason is on the title (`nightreel status`). What a retry may cure is retried
with growing pauses; a source that cannot be converted is quarantined at once.
"""

from datetime import timedelta

from airflow.sdk import dag

from nightreel.orchestration import tasks
from nightreel.orchestration.operators import task
from nightreel.orchestration.params import conversion_params
from nightreel.orchestration.pools import ENCODE, UPLOAD
from nightreel.orchestration.retries import notify_arguments, retry_arguments
from nightreel.orchestration.schedules import title_deadline
from nightreel.settings import settings


@dag(
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=settings().title_concurrency + settings().manual_concurrency,
    max_active_tasks=64,
    params=conversion_params(settings()),
    deadline=title_deadline(settings()),
    default_args={
        "owner": "nightreel",
        "on_failure_callback": tasks.record_failure,
        "execution_timeout": timedelta(hours=6),
        **retry_arguments(settings()),
    },
    tags=["nightreel", "title"],
)
def convert_title() -> None:
    """The tasks of one title, and their order."""
    ticket = task(task_id="claim")(tasks.claim)()
    fetched = task(task_id="fetch")(tasks.fetch)(ticket)
    planned = task(task_id="plan")(tasks.plan)(ticket)
    transcoded = (
        task(
            task_id="transcode",
            pool=ENCODE,
            pre_execute=tasks.limit_time,
            # Rendered before the task runs, so that the grid shows the name from the start.
            map_index_template="{{ task.op_kwargs['work']['label'] }}",
        )(tasks.transcode)
        .partial(ticket=ticket)
        .expand(work=planned)
    )
    packaged = task(task_id="package")(tasks.package)(ticket)
    validated = task(task_id="validate")(tasks.validate)(ticket, fetched)
    uploaded = task(task_id="upload", pool=UPLOAD)(tasks.upload)(ticket)
    published = task(task_id="publish")(tasks.publish)(ticket)
    cleaned = task(task_id="cleanup", on_failure_callback=None)(tasks.cleanup)(ticket)
    notified = task(task_id="notify", **notify_arguments(settings()))(tasks.notify)()

    fetched >> planned >> transcoded >> packaged >> validated >> uploaded >> published >> cleaned >> notified
    # A teardown runs whenever the claim was made, and does not count for the run's success.
    # Airflow accepts what `claim` returns as its task, but its types do not say so.
    cleaned.as_teardown(setups=ticket)  # type: ignore[arg-type]
    notified.as_teardown(setups=ticket)  # type: ignore[arg-type]


convert_title()
