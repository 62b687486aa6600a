"""Where the gate's report (Data Docs) of a run is kept, also of what it refuses."""

import shutil
from pathlib import Path

from airflow.sdk import get_current_context

from nightreel.orchestration.conversion.session import Conversion
from nightreel.orchestration.links import REPORT_KEY


def new_report(conversion: Conversion) -> Path:
    """`<reports>/movie/7/<release>/`, which an earlier try left or nobody did; the task links to it."""
    reports, claim = conversion.settings.reports, conversion.claim
    path = reports / claim.title.content_type / claim.title.content_id / claim.release
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    get_current_context()["ti"].xcom_push(key=REPORT_KEY, value=str(path.relative_to(reports)))
    return path
