"""The web app: mounted in Airflow's API server, served on its own, or used directly by a test."""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from nightreel.web.access import Access, StandaloneAccess, required_scope
from nightreel.web.asset_files import AssetFiles
from nightreel.web.health import health_router
from nightreel.web.hidden_queries import HiddenQueries
from nightreel.web.jobs.router import jobs_router
from nightreel.web.keys.router import keys_router
from nightreel.web.packages import NODE_MODULES
from nightreel.web.pages.router import pages_router, problem_page
from nightreel.web.problems import documented, handle_problems
from nightreel.web.reports.router import ASSETS, reports_router
from nightreel.web.services import Services
from nightreel.web.sessions.router import sessions_router
from nightreel.web.streams.router import streams_router
from nightreel.web.titles.backlog import backlog_router
from nightreel.web.titles.router import titles_router
from nightreel.web.uploads.router import uploads_router
from nightreel.web.watch.router import watch_router

ROUTERS: tuple[Callable[[], APIRouter], ...] = (
    uploads_router,
    jobs_router,
    watch_router,
    streams_router,
    keys_router,
    titles_router,
    backlog_router,
    health_router,
    reports_router,
    pages_router,
)
"""One per capability. Each of their routes has a `needs` or an `open_because`.

Uploads come first, because `/videos/upload/…` is not one of the titles' `/videos/<content type>/<id>`.
"""

_DESCRIPTION = "Upload sources, convert titles, follow jobs, and read the catalog of streams."


def create_app(services: Services, access: Access) -> FastAPI:
    """The app for one installation, with the callers that `access` identifies.

    Only the assets, which are the same for everyone, and routes that say so are open.
    """
    app = FastAPI(
        title="Nightreel",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    app.state.services = services
    app.state.access = access
    handle_problems(app, problem_page)
    app.mount("/assets", AssetFiles(NODE_MODULES), name=ASSETS)
    for router in ROUTERS:
        app.include_router(router())
    if isinstance(access, StandaloneAccess):
        app.include_router(sessions_router(access))
    for route in app.routes:
        if isinstance(route, APIRoute) and required_scope(route) is not None:
            route.responses = documented(429) | route.responses
    if services.settings.web_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=services.settings.web_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["Link", "Retry-After", "X-Total-Count"],
        )
    app.add_middleware(HiddenQueries)
    return app


def _operation_id(route: APIRoute) -> str:
    """The route's name in generated clients: that of its function, or the given one."""
    return route.name
