"""Where the gate's report (Data Docs) of a run is kept, also of what it refuses."""

import shutil
from pathlib import Path
from typing import Literal

from airflow.sdk import get_current_context

from nightreel.orchestration.conversion.session import Conversion
from nightreel.orchestration.links import REPORT_KEY
from nightreel.runs.dags import by_night


def reports_what_passes(which: Literal["all", "manual", "refused"], run_id: str) -> bool:
    """Whether a release that passes gets a report, by that setting and who started its run."""
    return which == "all" or (which == "manual" and not by_night(run_id))


def new_report(conversion: Conversion) -> Path:
    """`<reports>/movie/7/<release>/`, which an earlier try left or nobody did; the task links to it."""
    reports, claim = conversion.settings.reports, conversion.claim
    path = reports / claim.title.content_type / claim.title.content_id / claim.release
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    get_current_context()["ti"].xcom_push(key=REPORT_KEY, value=str(path.relative_to(reports)))
    return path
