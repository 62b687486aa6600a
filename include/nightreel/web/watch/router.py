"""The page of a title, and the tabs that Airflow shows beside the run of one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from nightreel.airflow_api import AirflowRefused
from nightreel.catalog.library import TitleRecord
from nightreel.title import Title
from nightreel.web.access import Caller, page_needs
from nightreel.web.pages.templates import render
from nightreel.web.problems import Problem, no_such_title, title_from
from nightreel.web.services import CONVERT_DAG, GivenServices, Services
from nightreel.web.watch.page import page_of_run, page_of_title

Reader = Annotated[Caller, page_needs("read")]
# What Airflow allows a run's id to be made of.
JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.~:+-]+$", max_length=250)]
DagId = Annotated[str, Query(max_length=250, description="The DAG whose run it is")]


def watch_router() -> APIRouter:
    """`/titles/movie/7`, `/runs/{job_id}` and `/runs/{job_id}/report`."""
    router = APIRouter(tags=["pages"], default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/titles/{content_type}/{content_id}", name="title_page")
    def title_page(
        request: Request, services: GivenServices, caller: Reader, content_type: str, content_id: str
    ) -> HTMLResponse:
        record = _record(services, title_from(content_type, content_id))
        page = page_of_title(services, record)
        return render(request, "title.html", caller=caller, page=page, record=record)

    @router.get("/runs/{job_id}", name="run_page")
    def run_page(
        request: Request, services: GivenServices, caller: Reader, job_id: JobId, dag: DagId = CONVERT_DAG
    ) -> HTMLResponse:
        if dag != CONVERT_DAG:
            return render(request, "no_conversion.html", caller=caller, dag=dag)
        record = _record(services, _title_of_job(services, caller, job_id))
        page = page_of_run(services, record, job_id)
        return render(request, "title.html", caller=caller, page=page, record=record)

    @router.get("/runs/{job_id}/report", name="run_report")
    def run_report(
        request: Request, services: GivenServices, caller: Reader, job_id: JobId, dag: DagId = CONVERT_DAG
    ) -> HTMLResponse:
        if dag != CONVERT_DAG:
            return render(request, "no_conversion.html", caller=caller, dag=dag)
        record = _record(services, _title_of_job(services, caller, job_id))
        page = page_of_run(services, record, job_id)
        return render(request, "report.html", caller=caller, page=page, record=record)

    return router


def _record(services: Services, title: Title) -> TitleRecord:
    record = services.catalog.library.find(title)
    if record is None:
        raise no_such_title(title)
    return record


def _title_of_job(services: Services, caller: Caller, job_id: str) -> Title:
    """The title that a run claimed or, before it did, was started for."""
    attempt = services.catalog.jobs.attempt_of(job_id)
    if attempt is not None:
        return attempt.title
    try:
        with services.airflow(caller) as airflow:
            conf: dict[str, Any] = airflow.run(CONVERT_DAG, job_id).conf or {}
    except AirflowRefused as error:
        if error.status != 404:
            raise
        raise Problem(404, "No such run", f"{CONVERT_DAG} has no run {job_id}.") from None
    return title_from(str(conf.get("content_type", "")), str(conf.get("content_id", "")))
