"""The backlog: when the next night begins, whether it is paused, and its forecast."""

from fastapi import APIRouter

from nightreel.runs.dags import BACKLOG_DAG
from nightreel.web.access import Caller, Converter, Reader
from nightreel.web.problems import documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.titles.forecast_models import Night, Tonight
from nightreel.web.titles.tonight import next_night, tonight


def backlog_router() -> APIRouter:
    """The coming night, in the API."""
    router = APIRouter(prefix="/api/v1", tags=["backlog"])

    @router.get(
        "/backlog",
        summary="When the next night begins",
        responses=documented(401, 403, 404, 502, 503),
    )
    def read_backlog(services: GivenServices, caller: Reader) -> Night:
        """When the next night begins, and whether the backlog is paused."""
        return next_night(services, caller)

    @router.post(
        "/backlog/pause",
        summary="Hold the backlog",
        responses=documented(401, 403, 404, 502, 503),
    )
    def pause_backlog(services: GivenServices, caller: Converter) -> Night:
        """Pauses the nights. One that has begun goes on."""
        return _hold(services, caller, paused=True)

    @router.post(
        "/backlog/resume",
        summary="Resume the backlog",
        responses=documented(401, 403, 404, 502, 503),
    )
    def resume_backlog(services: GivenServices, caller: Converter) -> Night:
        """Resumes the nights."""
        return _hold(services, caller, paused=False)

    @router.get(
        "/tonight",
        summary="What the next night takes",
        responses=documented(401, 403, 503),
    )
    def read_tonight(services: GivenServices, caller: Reader) -> Tonight:
        """What the next night takes, in order, how long that should last and what it costs.

        Times and sizes are estimated from this catalog's past conversions.
        """
        return tonight(services, caller)

    return router


def _hold(services: Services, caller: Caller, *, paused: bool) -> Night:
    with services.airflow(caller) as airflow:
        airflow.pause(BACKLOG_DAG, paused)
    return next_night(services, caller)
