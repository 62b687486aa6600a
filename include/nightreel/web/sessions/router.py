"""The sign-in page: an API key, given once, opens a session."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from nightreel.catalog.sessions import SESSION_LIFE
from nightreel.web.access import StandaloneAccess, open_because, require_same_origin
from nightreel.web.access.sessions import COOKIE
from nightreel.web.pages.templates import base_of, render
from nightreel.web.services import GivenServices

_PAGE = "sign_in.html"
_WRONG = "This is not a valid key. Keys begin with nr_ and are shown only once."


def sessions_router(access: StandaloneAccess) -> APIRouter:
    """`/sign-in` and `/sign-out`, which an app inside Airflow does not have, because Airflow has its own."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in", dependencies=[open_because("people who are not signed in begin here")])
    def sign_in_page(request: Request, next: str = "/") -> Response:
        return render(request, _PAGE, next=_path(next), fault="")

    @router.post("/sign-in", dependencies=[open_because("the key in the form is the proof")])
    async def sign_in(
        request: Request,
        services: GivenServices,
        key: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        # Otherwise another site could sign its reader in here with its own key.
        require_same_origin(request)
        token = await access.sign_in(request, key.strip())
        if token is None:
            return render(request, _PAGE, status=401, next=_path(next), fault=_WRONG)
        answer = RedirectResponse(f"{base_of(request)}{_path(next)}", 303)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LIFE.total_seconds()),
            path=_cookie_path(request),
            secure="https" in (request.url.scheme, services.settings.web_url.partition(":")[0]),
            httponly=True,
            samesite="lax",
        )
        return answer

    @router.post("/sign-out", dependencies=[open_because("it ends the caller's own session, and no other")])
    async def sign_out(request: Request) -> Response:
        require_same_origin(request)
        await access.sign_out(request)
        answer = RedirectResponse(f"{base_of(request)}/sign-in", 303)
        answer.delete_cookie(COOKIE, path=_cookie_path(request), httponly=True, samesite="lax")
        return answer

    return router


def _cookie_path(request: Request) -> str:
    return base_of(request) or "/"


def _path(given: str) -> str:
    """Where to go after signing in: a path below the app, or its first page for anything else."""
    # To browsers, a backslash is a slash, and a second one begins a host.
    plain = given.isascii() and given.isprintable() and "\\" not in given
    return given if plain and given.startswith("/") and not given.startswith("//") else "/"
