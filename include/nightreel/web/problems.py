"""Errors as problem documents (RFC 9457) for programs, as pages for browsers."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from nightreel.errors import ConfigurationError, Rejected, TitleNotFound, Transient
from nightreel.runs.airflow_api import AirflowRefused

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"
_SCHEMA = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "The kind of problem"},
        "status": {"type": "integer", "description": "That of the answer"},
        "detail": {"type": "string", "description": "What is wrong in this case, and what helps"},
    },
    "required": ["title", "status", "detail"],
}
_EXAMPLES = {
    400: ("Chunks are missing", "Send these chunks, then finalize: 3, 5."),
    401: ("Not signed in", "This needs a key (header ApiKey, or Authorization: Bearer) or a session."),
    403: ("Not allowed", "backend lacks the scope 'convert'."),
    404: ("No such title", "The catalog has no movie 404."),
    409: ("In work", "movie 123 is being converted already."),
    413: ("Too large", "A source may have 214748364800 bytes at most."),
    415: ("Not a video", "The file is a picture (PNG), not a video."),
    422: ("Malformed request", "query.page: Input should be greater than or equal to 1"),
    429: ("Too many requests", "A client may ask for the keys of a title 120 times a minute."),
    502: ("Bad Gateway", "Airflow refused POST /api/v2/dags/convert_title/dagRuns: Bad Request"),
    503: ("Not available now", "The catalog's database does not answer."),
    504: ("The source is too slow", "The source gave nothing to play in time."),
}
"""For each status, a title and a detail as one of the routes gives them."""


class Problem(Exception):
    """What went wrong with a request. `title` names the kind, `detail` this case and its cure.

    `members` are added to the document, `headers` to the response.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(title, detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def response(self) -> JSONResponse:
        """As `application/problem+json` (RFC 9457)."""
        document = {"title": self.title, "status": self.status, "detail": self.detail, **self.members}
        return JSONResponse(
            jsonable_encoder(document), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems."""
    return {status: _documented(status) for status in statuses}


def _documented(status: int) -> dict[str, Any]:
    title, detail = _EXAMPLES[status]
    example = {"title": title, "status": status, "detail": detail}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "example": example}},
    }


def handle_problems(app: FastAPI, page: Callable[[Request, Problem], Response]) -> None:
    """Answers every error of the app with a problem document, or with a page if the caller wants one."""

    def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        return page(request, problem) if _wants_a_page(request, problem) else problem.response()

    kinds = (
        Problem,
        HTTPException,
        RequestValidationError,
        TitleNotFound,
        AirflowRefused,
        Rejected,
        Transient,
        ConfigurationError,
    )
    for kind in kinds:
        app.add_exception_handler(kind, answer)


def _wants_a_page(request: Request, problem: Problem) -> bool:
    """Whether a person will see it: only browsers prefer HTML, and only when they navigate."""
    # Redirects are followed, not read.
    return problem.status >= HTTPStatus.BAD_REQUEST and request.headers.get("Accept", "").startswith(
        "text/html"
    )


def problem_of(error: Exception) -> Problem:
    """The problem document for one of our errors, or one of the framework's."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _problem(error.status_code, _in_words(error), headers=dict(error.headers or {}))
        case RequestValidationError():
            return _of_validation(error)
        case TitleNotFound():
            return Problem(404, "No such title", str(error))
        case AirflowRefused():
            return _problem(error.status if error.status in (401, 403, 404, 409, 422) else 502, str(error))
        case Rejected():
            return Problem(422, "Refused", error.sentence, code=error.code)
        case Transient():
            return Problem(503, "Not available now", str(error), headers={"Retry-After": _RETRY_SECONDS})
        case _:
            return Problem(500, "Wrong set-up", str(error))


def _in_words(error: HTTPException) -> str:
    """The framework's message, unless it only repeats the name of the status."""
    if error.status_code == HTTPStatus.NOT_FOUND and error.detail == HTTPStatus.NOT_FOUND.phrase:
        return "There is nothing at this address."
    return str(error.detail)


def _of_validation(error: RequestValidationError) -> Problem:
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]}
        for fault in error.errors()
    ]
    said = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
    return Problem(422, "Malformed request", said, errors=faults)


def _problem(status: int, detail: str, **more: Any) -> Problem:
    return Problem(status, HTTPStatus(status).phrase, detail, **more)
