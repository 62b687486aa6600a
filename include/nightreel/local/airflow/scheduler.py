"""Run as a program: Airflow's scheduler, with the tasks' libraries already imported.

The executor forks a worker for each task, and the worker forks the task: no task has to import again what the
scheduler has imported. Great Expectations alone would cost every title six seconds.
"""

import importlib
import inspect
import sys

from airflow.__main__ import main
from airflow.sdk.api.client import Client

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


if __name__ == "__main__":
    prepare()
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    main()  # type: ignore[no-untyped-call]
