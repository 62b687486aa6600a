"""Signing in and out with a browser, and what a session may do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.catalog import ApiKey
from nightreel.title import Title
from nightreel.web.access.sessions import COOKIE
from nightreel.web.keys.tokens import issue
from nightreel.web.services import Services

READ = "/reports/movie/7/20261121T010000-0a1b2c3d/index.html"
TOKEN = "/api/v1/token"
WANTED = {"content_type": "movie", "content_id": "7"}
ORIGIN = {"Origin": "http://testserver"}
SignIn = Callable[..., tuple[TestClient, ApiKey]]


@pytest.fixture
def signed_in(app: FastAPI, services: Services) -> SignIn:
    """A browser that signed in with a new key, and the key."""

    def make(*scopes: str) -> tuple[TestClient, ApiKey]:
        key, text = services.catalog.api_keys.make("person", scopes or ("read",))
        browser = TestClient(app, follow_redirects=False)
        answer = browser.post("/sign-in", data={"key": text}, headers=ORIGIN)
        assert answer.status_code == 303
        return browser, key

    return make


def test_a_key_opens_a_session_that_scripts_and_other_origins_cannot_use(
    services: Services, stranger: TestClient
) -> None:
    _, text = services.catalog.api_keys.make("person", ["read"])
    answer = stranger.post("/sign-in", data={"key": f" {text} "}, headers=ORIGIN)
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= attributes
    assert text not in answer.headers["set-cookie"]
    stranger.cookies.clear()


def test_a_session_reads_what_its_key_reads(signed_in: SignIn) -> None:
    browser, _ = signed_in("read")
    assert browser.get(READ).status_code == 404
    other, _ = signed_in("upload")
    assert other.get(READ).status_code == 403


def test_the_end_of_a_key_is_the_end_of_its_sessions(signed_in: SignIn, services: Services) -> None:
    browser, key = signed_in()
    assert browser.get(READ).status_code == 404
    services.catalog.api_keys.revoke(key.key_id)
    assert browser.post(TOKEN, json=WANTED, headers=ORIGIN).status_code == 401


def test_a_session_changes_things_only_from_pages_of_this_origin(signed_in: SignIn) -> None:
    browser, _ = signed_in()

    def asked(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.post(
            TOKEN, json={"content_type": "movie", "content_id": "7"}, headers=named
        ).status_code

    assert asked(Origin="http://testserver") == 200
    assert asked(Sec_Fetch_Site="same-origin", Origin="http://renamed.by.a.proxy") == 200
    assert asked() == 403
    assert asked(Origin="null") == 403
    assert asked(Origin="http://evil.example") == 403
    assert asked(Origin="http://testserver.evil.example") == 403
    assert asked(Sec_Fetch_Site="same-site", Origin="http://testserver") == 403
    assert asked(Sec_Fetch_Site="cross-site", Origin="http://evil.example") == 403


def test_a_header_that_is_no_proof_does_not_lift_the_rule(signed_in: SignIn) -> None:
    browser, _ = signed_in()
    evil = {"Origin": "http://evil.example", "Authorization": "Basic eDp5"}
    answer = browser.post(TOKEN, json=WANTED, headers=evil)
    assert answer.status_code == 403


def test_signing_out_ends_the_session_of_this_browser(signed_in: SignIn) -> None:
    browser, _ = signed_in()
    assert browser.post("/sign-out", headers={"Origin": "http://evil.example"}).status_code == 403
    answer = browser.post("/sign-out", headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.get(READ).status_code == 401


def test_a_wrong_key_is_told_on_the_page(stranger: TestClient) -> None:
    answer = stranger.post("/sign-in", data={"key": "nr_wrong", "next": "/tonight"}, headers=ORIGIN)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert 'value="/tonight"' in answer.text
    assert "nr_wrong" not in answer.text


def test_nobody_is_signed_in_by_a_page_of_another_origin(services: Services, stranger: TestClient) -> None:
    _, text = services.catalog.api_keys.make("person", ["read"])
    answer = stranger.post("/sign-in", data={"key": text}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("/titles/movie/7?tab=plots", "/titles/movie/7?tab=plots"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_in_the_app(app: FastAPI, services: Services, asked: str, got: str) -> None:
    _, text = services.catalog.api_keys.make("person", ["read"])
    with TestClient(app, follow_redirects=False) as browser:
        answer = browser.post("/sign-in", data={"key": text, "next": asked}, headers=ORIGIN)
    assert answer.headers["location"] == got


def test_mounted_below_a_path_the_page_and_the_cookie_stay_there(app: FastAPI, services: Services) -> None:
    above = FastAPI()
    above.mount("/nightreel", app)
    _, text = services.catalog.api_keys.make("person", ["read"])
    with TestClient(above, follow_redirects=False) as browser:
        assert 'action="/nightreel/sign-in"' in browser.get("/nightreel/sign-in").text
        answer = browser.post("/nightreel/sign-in", data={"key": text, "next": "/tonight"}, headers=ORIGIN)
    assert answer.headers["location"] == "/nightreel/tonight"
    assert "Path=/nightreel;" in answer.headers["set-cookie"]


def forged(services: Services, **changes: object) -> str:
    key, _ = services.catalog.api_keys.make("person", ["read"])
    now = datetime.now(UTC)
    claims = {"sub": key.key_id, "aud": "nightreel-session", "iat": now, "exp": now + timedelta(hours=1)}
    claims |= changes
    secret = services.settings.token_secret.get_secret_value()
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, "HS256")


def test_only_an_unexpired_session_of_this_installation_counts(
    services: Services, stranger: TestClient
) -> None:
    def status(token: str) -> int:
        return stranger.get(READ, headers={"Cookie": f"{COOKIE}={token}"}).status_code

    assert status(forged(services)) == 404
    assert status(forged(services, exp=datetime.now(UTC) - timedelta(seconds=1))) == 401
    assert status(forged(services, exp=None)) == 401
    assert status(forged(services, aud="another")) == 401
    assert status(issue(services.settings, Title("movie", "7"))) == 401
    assert status(jwt.encode({"sub": "x", "aud": "nightreel-session"}, "y" * 32, "HS256")) == 401
    assert status(jwt.encode({"sub": "x", "aud": "nightreel-session"}, None, "none")) == 401
