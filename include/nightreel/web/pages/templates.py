"""The pages' templates, and the data that all of them get."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from nightreel.settings import Settings
from nightreel.text import one_line
from nightreel.web.access import Caller, access_of
from nightreel.web.pages import figures, names
from nightreel.web.services import services_of

FOLDER = Path(__file__).parents[1] / "templates"


def link(request: Request, route: str, **parts: Any) -> str:
    """The path of one of the app's routes, from the root of its site."""
    path = request.app.url_path_for(route, **parts)
    return f"{base_of(request)}{path}"


def base_of(request: Request) -> str:
    """The path under which the app is mounted; empty if it stands alone."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def render(
    request: Request, template: str, *, caller: Caller | None = None, status: int = 200, **context: Any
) -> HTMLResponse:
    """The page that the template makes of `context`.

    Besides `context`, a template has: `request`; `caller` and `scopes`, empty if nobody is signed in;
    `base`, the path under which the app is mounted; `airflow`, the address of Airflow's own pages;
    `sign_out`, whether the caller can. Functions: `link(route, …)`, `asset(name)`. Filters: those of
    `figures` and `names`, and `line`.
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
    return HTMLResponse(page, status, headers=_page_headers(services.settings))


def _page_headers(settings: Settings) -> dict[str, str]:
    """Pages load only what this installation serves, and media from the bucket's public URL."""
    media = f"'self' {_origin(settings.r2_public_url)}".strip()
    policy = {
        "default-src": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
        # Uploads are hashed by WebAssembly.
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": f"{media} data: blob:",
        # hls.js shows subtitles through a track with a data URL.
        "media-src": f"{media} blob: data:",
        "connect-src": media,
        "worker-src": "'self' blob:",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


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
