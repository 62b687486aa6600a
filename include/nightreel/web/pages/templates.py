"""The pages' templates, and the data that each of them gets."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from nightreel.text import one_line
from nightreel.web.access import Caller, access_of
from nightreel.web.pages import figures, names
from nightreel.web.pages.headers import page_headers
from nightreel.web.services import services_of

FOLDER = Path(__file__).parents[1] / "templates"


def link(request: Request, route: str, **parts: Any) -> str:
    """The path of one of the app's routes, from the root of the site that it is mounted in."""
    path = request.app.url_path_for(route, **parts)
    return f"{base_of(request)}{path}"


def base_of(request: Request) -> str:
    """The path that the app is mounted below; empty if it stands alone."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def render(
    request: Request, template: str, *, caller: Caller | None = None, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page, to which the template's name and `context` lead; with the headers of every page.

    Beside `context` a template has: `request`; `caller` and `scopes`, empty where nobody is known;
    `base`, what the app is mounted below; `airflow`, where Airflow's own pages are; `sign_out`,
    whether the caller can. Functions: `link(route, …)`, `asset(name)`. Filters: those of `figures`
    and of `names`, and `line`.
    """
    services = services_of(request)
    page = _ENVIRONMENT.get_template(template).render(
        request=request,
        caller=caller,
        scopes=caller.scopes if caller else frozenset(),
        base=base_of(request),
        airflow=services.airflow_pages,
        sign_out=caller is not None and access_of(request).sign_in_page is not None,
        **context,
    )
    return HTMLResponse(page, status, headers=page_headers(services.settings))


@pass_context
def _link_from(context: Context, route: str, **parts: Any) -> str:
    return link(context["request"], route, **parts)


@pass_context
def _asset(context: Context, name: str) -> str:
    return f"{context['base']}/assets/{name}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"link": _link_from, "asset": _asset}
    environment.filters |= {
        "line": one_line,
        "name": names.name,
        "isolated_name": names.isolated_name,
        "bytes": figures.size,
        "bitrate": figures.bitrate,
        "duration": figures.duration,
        "clock": figures.clock,
        "dollars": figures.dollars,
        "age": figures.age,
        "moment": figures.moment,
        "hour": figures.hour,
    }
    return environment


_ENVIRONMENT = _environment()
