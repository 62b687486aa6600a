"""Starting a title's run, in one way for every route that does."""

from secrets import token_hex
from typing import Any

from nightreel.runs import CONVERT_DAG
from nightreel.title import Title
from nightreel.web.access import Caller
from nightreel.web.problems import Problem
from nightreel.web.services import Services


def require_source(services: Services, title: Title) -> None:
    """Raises Problem 409 for a title without a video URL, TitleNotFound for one without a row."""
    if services.catalog.source_of(title) is None:
        raise Problem(409, "No source", f"{title} has no video URL in the catalog.")


def start_conversion(
    services: Services,
    caller: Caller,
    title: Title,
    *,
    force: bool = False,
    encrypt: bool | None = None,
    ladder: tuple[str, ...] = (),
    sound: bool = True,
) -> str:
    """Queues a run for the title as this caller, and returns the job's id, which is the run's.

    Raises AirflowRefused, with status 403 for a caller who may not start runs; AirflowUnavailable.
    """
    title = services.catalog.as_stored(title)
    job_id = f"api__{title.content_type}_{title.content_id}__{token_hex(6)}"
    conf: dict[str, Any] = {
        "content_type": title.content_type,
        "content_id": title.content_id,
        "force": force,
        "ladder": list(ladder) or None,
    }
    if encrypt is not None:
        conf["encrypt"] = "yes" if encrypt else "no"
    if not sound:
        conf["sound"] = False
    with services.airflow(caller) as airflow:
        airflow.trigger(CONVERT_DAG, conf, job_id)
    return job_id
