"""The page of a title, and the tabs that Airflow shows beside a title's run."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from nightreel.runs.airflow_api import AirflowRefused
from nightreel.runs.dags import CONVERT_DAG
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller, PageReader
from nightreel.web.jobs.status_routes import RunId
from nightreel.web.pages.templates import render
from nightreel.web.problems import Problem
from nightreel.web.services import GivenServices, Services
from nightreel.web.title_lookup import known_title, title_from
from nightreel.web.watch.page import page_of_run, page_of_title

DagId = Annotated[str, Query(max_length=250, description="The DAG whose run it is")]


def watch_router() -> APIRouter:
    """`/titles/movie/7`, `/runs/{run_id}` and `/runs/{run_id}/report`."""
    router = APIRouter(tags=["pages"], default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/titles/{content_type}/{content_id}", name="title_page")
    def title_page(
        request: Request, services: GivenServices, caller: PageReader, content_type: str, content_id: str
    ) -> HTMLResponse:
        _, record = known_title(services, content_type, content_id)
        page = page_of_title(services, record)
        return render(request, "title.html", caller=caller, page=page, record=record)

    @router.get("/runs/{run_id}", name="run_page")
    def run_page(
        request: Request, services: GivenServices, caller: PageReader, run_id: RunId, dag: DagId = CONVERT_DAG
    ) -> HTMLResponse:
        return _tab_of_run(request, services, caller, run_id, dag, "title.html")

    @router.get("/runs/{run_id}/report", name="run_report")
    def run_report(
        request: Request, services: GivenServices, caller: PageReader, run_id: RunId, dag: DagId = CONVERT_DAG
    ) -> HTMLResponse:
        return _tab_of_run(request, services, caller, run_id, dag, "report.html")

    return router


def _tab_of_run(
    request: Request, services: Services, caller: Caller, run_id: str, dag: str, template: str
) -> HTMLResponse:
    if dag != CONVERT_DAG:
        return render(request, "no_conversion.html", caller=caller, dag=dag)
    named = _title_of_run(services, caller, run_id)
    _, record = known_title(services, named.content_type, named.content_id)
    page = page_of_run(services, record, run_id)
    return render(request, template, caller=caller, page=page, record=record)


def _title_of_run(services: Services, caller: Caller, run_id: str) -> Title:
    """The title that a run has claimed or, before that, was started for."""
    attempt = services.catalog.runs.attempt_of(run_id)
    if attempt is not None:
        return attempt.title
    try:
        with services.airflow(caller) as airflow:
            conf: dict[str, Any] = airflow.run(CONVERT_DAG, run_id).conf or {}
    except AirflowRefused as error:
        if error.status != 404:
            raise
        raise Problem(404, "No such run", f"{CONVERT_DAG} has no run {run_id}.") from None
    return title_from(str(conf.get("content_type", "")), str(conf.get("content_id", "")))
