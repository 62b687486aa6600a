"""The guard of a route: the scope that it needs, or the reason for which it is open."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from nightreel.web.access.callers import Access, Caller, Scope
from nightreel.web.problems import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_api_key = APIKeyHeader(
    name="ApiKey", auto_error=False, scheme_name="ApiKey", description="A key of `nightreel api-key create`"
)
_bearer = HTTPBearer(
    auto_error=False, scheme_name="Bearer", description="The same key, or a token of Airflow where mounted"
)


def access_of(request: Request) -> Access:
    """How the app that serves this request knows its callers."""
    return cast(Access, request.app.state.access)


def needs(scope: Scope) -> Any:
    """A dependency that admits callers with this scope, and hands the route its Caller.

    Others get problem 401 or 403. A caller known by a cookie alone must send what changes
    something from a page of this origin.
    """

    async def admit(
        request: Request,
        key: Annotated[str | None, Security(_api_key)],
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> Caller:
        caller = await access_of(request).identify(request)
        if caller is None:
            raise Problem(
                401,
                "Not signed in",
                "This needs a key (header ApiKey, or Authorization: Bearer) or a session.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scope not in caller.scopes:
            raise Problem(403, "Not allowed", f"{caller.name} lacks the scope {scope!r}.")
        if key is None and bearer is None:
            _require_same_origin(request)
        return caller

    admit.scope = scope  # type: ignore[attr-defined]
    return Depends(admit)


def open_because(reason: str) -> Any:
    """Marks a route as open to everyone. Every other route has a `needs`; a test walks them all."""

    def everyone() -> None:
        return

    everyone.reason = reason  # type: ignore[attr-defined]
    return Depends(everyone)


def required_scope(route: APIRoute) -> Scope | None:
    return cast(Scope | None, _mark(route, "scope"))


def opened_because(route: APIRoute) -> str | None:
    return cast(str | None, _mark(route, "reason"))


def _mark(route: APIRoute, name: str) -> object:
    calls: list[Callable[..., Awaitable[object]] | None] = [
        each.call for each in route.dependant.dependencies
    ]
    return next((found for call in calls if (found := getattr(call, name, None)) is not None), None)


def _require_same_origin(request: Request) -> None:
    if request.method in _SAFE_METHODS:
        return
    origin = urlsplit(request.headers.get("Origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("Host"):
        raise Problem(403, "Not allowed", "A session may change things only from the pages of this origin.")
