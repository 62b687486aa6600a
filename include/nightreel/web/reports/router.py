"""The validation reports (Data Docs), as the validate task left them: a folder per release."""

import pathlib
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.release import valid_release_id
from nightreel.vocabulary.title import Title
from nightreel.web.access import needs
from nightreel.web.problems import documented
from nightreel.web.reports.data_docs import self_contained
from nightreel.web.services import GivenServices
from nightreel.web.title_lookup import ContentId, ContentType

ASSETS = "assets"
"""The name of the route for the reports' scripts and styles."""

# A report quotes what a source says about itself. In a sandbox, a page has an origin of its own, and its
# scripts can neither use the reader's session nor call other hosts.
_HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-scripts; default-src 'none'; base-uri 'none'; form-action 'none'; "
        "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of the report, or a file that it shows",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}

Release = Annotated[str, Path(examples=["20261121T010000-0a1b2c3d"])]
Name = Annotated[str, Path(examples=["index.html"])]


def reports_router() -> APIRouter:
    """`/reports/movie/7/<release>/index.html` and what it links to; 404 for anything that does not exist."""
    router = APIRouter(prefix="/reports", tags=["reports"])

    @router.get(
        "/{content_type}/{content_id}/{release}/{name:path}",
        summary="Read a release's validation report",
        response_class=HTMLResponse,
        responses=_FILE | documented(401, 403, 404, 422, 503),
        dependencies=[needs("read")],
    )
    def read_report(
        request: Request,
        services: GivenServices,
        content_type: ContentType,
        content_id: ContentId,
        release: Release,
        name: Name,
    ) -> Response:
        """The pages lead to each other by relative links; the first one is `index.html`."""
        folder = _release_folder(services.settings.reports, content_type, content_id, release)
        path = _file_below(folder, name)
        if path is None:
            raise HTTPException(404, "no such page in this report")
        if path.suffix != ".html":
            return FileResponse(path, headers=_HEADERS)
        assets = request.url_for(ASSETS, path="").path
        return HTMLResponse(self_contained(path.read_text(), assets), headers=_HEADERS)

    return router


def _release_folder(reports: pathlib.Path, content_type: str, content_id: str, release: str) -> pathlib.Path:
    try:
        title = Title(content_type, content_id)
    except ConfigurationError:
        raise HTTPException(404, "no such title") from None
    if not valid_release_id(release):
        raise HTTPException(404, "no such release")
    return reports.resolve() / title.content_type / title.content_id / release


def _file_below(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """The file; None if `..` or a link leads out of the folder, or if it does not exist."""
    if "\0" in name:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
