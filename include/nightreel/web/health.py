"""Whether the app can answer, for monitoring."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nightreel.web.access import open_because
from nightreel.web.problems import documented
from nightreel.web.services import GivenServices


class Health(BaseModel):
    """That the app answers."""

    status: Literal["ok"] = Field("ok", examples=["ok"])


def health_router() -> APIRouter:
    """`/health`."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/health",
        summary="Whether the app can answer",
        dependencies=[open_because("a load balancer has no key, and the answer reveals nothing")],
        responses=documented(503),
    )
    def health(services: GivenServices) -> Health:
        """Answers 200 while the catalog's database answers, else 503."""
        services.catalog.answer()
        return Health()

    return router
