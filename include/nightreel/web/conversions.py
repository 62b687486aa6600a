"""Starts a title's run, in the same way for every route."""

from secrets import token_hex

from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.request import ConversionRequest
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller
from nightreel.web.problems import Problem
from nightreel.web.services import Services


def require_source(services: Services, title: Title) -> None:
    """Raises Problem 409 for a title without a video URL, TitleNotFound for one without a row."""
    if services.catalog.titles.source_of(title) is None:
        raise Problem(409, "No source", f"{title} has no video URL in the catalog.")


def start_conversion(
    services: Services,
    caller: Caller,
    title: Title,
    *,
    force: bool = False,
    first: bool = False,
    encrypt: bool | None = None,
    ladder: tuple[str, ...] = (),
    sound: bool = True,
) -> str:
    """Queues a run for the title as this caller; returns the job's id, which is the run's.

    Raises AirflowRefused, with status 403 for a caller who may not start runs; AirflowUnavailable.
    """
    title = services.catalog.titles.as_stored(title)
    run_id = f"api__{title.content_type}_{title.content_id}__{token_hex(6)}"
    request = ConversionRequest(title, force=force, first=first, ladder=ladder, encrypt=encrypt, sound=sound)
    with services.airflow(caller) as airflow:
        airflow.trigger(CONVERT_DAG, request.conf(), run_id)
    return run_id
