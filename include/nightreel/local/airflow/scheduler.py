"""Run as a program: Airflow's scheduler, with the tasks' libraries already imported.

The executor forks a worker for each task, and the worker forks the task: no task has to import again what the
scheduler has imported. Great Expectations alone would cost every title six seconds.
"""

import importlib
import inspect
import sys
from types import SimpleNamespace

from airflow.__main__ import main
from airflow.jobs import scheduler_job_runner
from airflow.sdk.api.client import Client

from nightreel.local.airflow.executor import wait_for_an_end

_USED_BY_TASKS = (
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.sdk.execution_time.supervisor",
    "great_expectations",
    "nightreel.catalog",
    "nightreel.checks.gate",
    "nightreel.checks.rows",
    "nightreel.media.packaging.package",
    "nightreel.media.inspection.inspect",
    "nightreel.media.stills.stills",
    "nightreel.media.encoding.transcode",
    "nightreel.orchestration.conversion.claim",
    "nightreel.orchestration.conversion.plan",
    "nightreel.orchestration.conversion.transcode",
    "nightreel.releases.publish",
    "nightreel.releases.deletion",
    "nightreel.sources.fetching",
    "nightreel.releases.upload",
    "nightreel.workspace",
)


def prepare() -> None:
    """Does what each task would otherwise do for itself, a tenth of a second at a time."""
    for module in _USED_BY_TASKS:
        importlib.import_module(module)
    # The AWS provider asks for its caller at every new client: then Python looks up the file of each module
    # that is loaded, and remembers it.
    inspect.stack()
    # Airflow keeps the certificates that the first client of a process has read.
    Client(base_url="http://localhost", token="").close()


def wake_when_a_task_ends() -> None:
    """Makes the scheduler begin the next task as soon as one has ended.

    It sleeps for a second whenever it has nothing to do: half a second before each of a title's tasks.
    """
    # The module uses nothing else of `time`.
    scheduler_job_runner.time = SimpleNamespace(sleep=wait_for_an_end)  # type: ignore[assignment, attr-defined]


if __name__ == "__main__":
    prepare()
    wake_when_a_task_ends()
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    main()  # type: ignore[no-untyped-call]
