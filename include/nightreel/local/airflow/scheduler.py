"""Run as a program: Airflow's scheduler, with the libraries of the tasks imported beforehand.

The executor forks a worker for each task, and the worker forks the task: what the scheduler has imported, no
task need import again. Great Expectations alone would cost every title six seconds.
"""

import importlib
import sys

from airflow.__main__ import main

_USED_BY_TASKS = (
    "airflow.providers.amazon.aws.hooks.s3",
    "great_expectations",
    "nightreel.catalog",
    "nightreel.checks.gate",
    "nightreel.checks.rows",
    "nightreel.media.packaging.package",
    "nightreel.media.inspection.inspect",
    "nightreel.media.stills.stills",
    "nightreel.media.encoding.transcode",
    "nightreel.releases.publish",
    "nightreel.releases.deletion",
    "nightreel.sources.fetching",
    "nightreel.releases.upload",
    "nightreel.workspace",
)

if __name__ == "__main__":
    for module in _USED_BY_TASKS:
        importlib.import_module(module)
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    main()  # type: ignore[no-untyped-call]
