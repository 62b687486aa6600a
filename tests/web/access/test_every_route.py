"""Every route of the app, also below what it mounts: closed, unless it says why not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Mount, Route

from nightreel.vocabulary.scopes import SCOPES, Scope
from nightreel.web.access import opened_because, required_scope
from nightreel.web.asset_files import AssetFiles
from tests.web.conftest import ClientWith

FRAMEWORK = {"/openapi.json"}
"""The description of the API, which is the same for everyone."""

PLAUSIBLE = {
    "content_type": "movie",
    "content_id": "7",
    "key_id": "2f054771-f24b-b4fa-efd8-65171 56dbfbf".replace(" ", ""),
    "chunk_index": "0",
}


@dataclass(frozen=True)
class Opening:
    """A method and path by which a request comes in."""

    method: str
    path: str
    scope: Scope | None
    reason: str | None

    @property
    def example(self) -> str:
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda part: PLAUSIBLE.get(part[1], "x"), self.path)


def openings(routes: list[BaseRoute], prefix: str = "") -> Iterator[Opening]:
    for route in routes:
        if isinstance(route, APIRoute):
            for method in route.methods:
                yield Opening(method, prefix + route.path, required_scope(route), opened_because(route))
        elif isinstance(route, Mount):
            if not isinstance(route.app, AssetFiles):
                yield from openings(list(route.routes) or [_unknown(route)], prefix + route.path)
        elif isinstance(route, Route) and prefix + route.path in FRAMEWORK:
            continue
        else:
            yield Opening("GET", f"{prefix}{getattr(route, 'path', route)}", None, None)


def _unknown(mounted: Mount) -> BaseRoute:
    """Stands for an app that does not tell its routes."""
    return Route(mounted.path, mounted.app)


@pytest.fixture(scope="module")
def all_openings(app: FastAPI) -> list[Opening]:
    return list(openings(app.routes))


@pytest.fixture(scope="module")
def guarded(all_openings: list[Opening]) -> list[Opening]:
    return [each for each in all_openings if each.scope]


def ask(client: TestClient, opening: Opening) -> tuple[int, str]:
    answer = client.request(opening.method, opening.example)
    return answer.status_code, answer.headers.get("content-type", "")


def test_each_route_needs_a_scope_or_says_why_it_is_open(all_openings: list[Opening]) -> None:
    assert len(all_openings) > 20
    assert [each for each in all_openings if bool(each.scope) == bool(each.reason)] == []


def test_a_route_that_says_nothing_is_found_wherever_it_is_mounted() -> None:
    above, below = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), FastAPI(openapi_url=None)
    below.add_api_route("/secret", lambda: "told")
    above.mount("/deep", below)
    above.mount("/files", lambda scope, receive, send: None)
    found = {each.path for each in openings(above.routes) if not each.scope and not each.reason}
    assert {"/deep/secret", "/files/files"} <= found


def test_without_credentials_each_guarded_route_answers_with_a_problem_or_leads_to_the_sign_in_page(
    stranger: TestClient, guarded: list[Opening]
) -> None:
    for opening in guarded:
        answer = stranger.request(opening.method, opening.example)
        if answer.status_code == 303:
            assert opening.method in ("GET", "HEAD"), opening
            assert answer.headers["location"].startswith("/sign-in?next=%2F"), opening
        else:
            assert answer.status_code == 401, opening
            assert answer.headers["content-type"] == "application/problem+json", opening
            assert answer.headers["www-authenticate"] == "Bearer", opening


def test_a_key_of_lesser_scopes_opens_nothing_that_needs_more(
    client_with: ClientWith, guarded: list[Opening]
) -> None:
    lesser = {scope: client_with(*(each for each in SCOPES if each != scope)) for scope in SCOPES}
    assert {each.scope for each in guarded} == set(SCOPES)
    for opening in guarded:
        assert opening.scope is not None
        assert ask(lesser[opening.scope], opening) == (403, "application/problem+json"), opening
