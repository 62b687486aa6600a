"""The guard of a route: the scope that it needs, or the reason why it is open."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from nightreel.vocabulary.scopes import Scope
from nightreel.web.access.callers import SAFE_METHODS, Access, Caller
from nightreel.web.problems import Problem

_api_key = APIKeyHeader(
    name="ApiKey", auto_error=False, scheme_name="ApiKey", description="A key of `nightreel api-key create`"
)
_bearer = HTTPBearer(
    auto_error=False, scheme_name="Bearer", description="The same key, or a token of Airflow where mounted"
)


def access_of(request: Request) -> Access:
    """How the app of this request identifies its callers."""
    return cast(Access, request.app.state.access)


@cache
def needs(scope: Scope) -> Any:
    """A dependency that admits callers with this scope, and passes the Caller to the route.

    Others get problem 401 or 403. Callers identified by a cookie must send changes from a page of this
    origin. There is one dependency per scope, so that a route whose dependencies need it, too, identifies
    the caller once.
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
        return _admitted(request, caller, scope)

    admit.scope = scope  # type: ignore[attr-defined]
    return Depends(admit)


@cache
def page_needs(scope: Scope) -> Any:
    """As `needs`, but for a page: a browser without a sign-in is led to the sign-in page, and back."""

    async def admit(request: Request) -> Caller:
        access = access_of(request)
        caller = await access.identify(request)
        if caller is not None:
            return _admitted(request, caller, scope)
        raise HTTPException(
            303, "Sign in first.", {"Location": access.sign_in_url(request, _path_of(request))}
        )

    admit.scope = scope  # type: ignore[attr-defined]
    return Depends(admit)


Reader = Annotated[Caller, needs("read")]
Converter = Annotated[Caller, needs("convert")]
Uploader = Annotated[Caller, needs("upload")]
PageReader = Annotated[Caller, page_needs("read")]
"""The types of route parameters that receive the caller."""


def open_because(reason: str) -> Any:
    """Marks a route as open to everyone. Every other route has a `needs`; a test checks all of them."""

    async def everyone() -> None:
        return

    everyone.reason = reason  # type: ignore[attr-defined]
    return Depends(everyone)


def required_scope(route: APIRoute) -> Scope | None:
    """The scope that a key needs for this route; None if the route has no such guard."""
    return cast(Scope | None, _mark(route, "scope"))


def opened_because(route: APIRoute) -> str | None:
    """Why the route is open to everyone; None if it is not."""
    return cast(str | None, _mark(route, "reason"))


def _mark(route: APIRoute, name: str) -> object:
    calls: list[Callable[..., Awaitable[object]] | None] = [
        each.call for each in route.dependant.dependencies
    ]
    return next((found for call in calls if (found := getattr(call, name, None)) is not None), None)


def _admitted(request: Request, caller: Caller, scope: Scope) -> Caller:
    if scope not in caller.scopes:
        raise Problem(403, "Not allowed", f"{caller.name} lacks the scope {scope!r}.")
    if caller.by_cookie:
        require_same_origin(request)
    return caller


def require_same_origin(request: Request) -> None:
    """Raises Problem 403 for a change that comes from a page of another origin."""
    if request.method not in SAFE_METHODS and not _from_this_origin(request):
        raise Problem(403, "Not allowed", "A session may change things only from the pages of this origin.")


def _from_this_origin(request: Request) -> bool:
    # This is right even behind a proxy that renames the host, but browsers only send it over TLS.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("Host")


def _path_of(request: Request) -> str:
    """The path and query of a request, below the app."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return f"{path}?{request.url.query}" if request.url.query else path
