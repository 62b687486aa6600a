"""The pages of the whole catalog: the library, the coming night, and the page of an error."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from nightreel.vocabulary.states import State
from nightreel.web.access import PageReader
from nightreel.web.pages.library_view import LibraryView, ShelfQuery
from nightreel.web.pages.templates import render
from nightreel.web.pages.tonight_view import TonightView
from nightreel.web.problems import Problem
from nightreel.web.services import GivenServices
from nightreel.web.titles.tonight import tonight

_LAST_PAGE = 10_000_000


def pages_router() -> APIRouter:
    """`/` and `/tonight`."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    router.add_api_route("/", library_page, name="library")
    router.add_api_route("/tonight", tonight_page, name="tonight")
    return router


def library_page(
    request: Request,
    services: GivenServices,
    caller: PageReader,
    q: Annotated[str, Query(max_length=200)] = "",
    state: State | None = None,
    content_type: Annotated[str | None, Query(max_length=32)] = None,
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE)] = 1,
) -> HTMLResponse:
    """Every title, a page at a time; what was asked for stands in the address."""
    view = LibraryView.of(services, ShelfQuery(q.strip(), state, content_type, page))
    return render(request, "library.html", caller=caller, view=view)


def tonight_page(request: Request, services: GivenServices, caller: PageReader) -> HTMLResponse:
    """What the next night takes, when it should be done, and what it costs."""
    view = TonightView.of(services, tonight(services, caller))
    return render(request, "tonight.html", caller=caller, view=view)


def problem_page(request: Request, problem: Problem) -> Response:
    """The problem document as a page, with a link to the library."""
    answer = render(request, "problem.html", status=problem.status, problem=problem)
    answer.headers.update(problem.headers)
    return answer
