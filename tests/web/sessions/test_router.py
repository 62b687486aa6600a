"""Signing in and out with a browser, and what a session may do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.catalog import ApiKey
from nightreel.vocabulary.title import Title
from nightreel.web.access.sessions import COOKIE, open_session
from nightreel.web.keys.tokens import InvalidToken, issue, title_of
from nightreel.web.services import Services
from nightreel.web.streams.tickets import admits, issue_ticket
from tests.catalog.conftest import Database

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


def session_claims(services: Services, **changes: object) -> dict[str, object]:
    """The claims of a session that was opened and is not over, with these changes."""
    key, _ = services.catalog.api_keys.make("person", ["read"])
    secret = services.catalog.sessions.signing_key()
    claims = jwt.decode(
        open_session(services.catalog.sessions, key.key_id), secret, ["HS256"], audience="nightreel-session"
    )
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def status_with(browser: TestClient, token: str) -> int:
    browser.cookies.clear()
    return browser.get(READ, headers={"Cookie": f"{COOKIE}={token}"}).status_code


def test_who_shares_the_secret_of_player_tokens_opens_no_session(
    services: Services, stranger: TestClient
) -> None:
    secret = services.settings.token_secret.get_secret_value()
    decade = datetime.now(UTC) + timedelta(days=3650)
    for claims in (session_claims(services), session_claims(services, exp=decade)):
        assert status_with(stranger, jwt.encode(claims, secret, "HS256")) == 401
    assert status_with(stranger, issue(services.settings, Title("movie", "7"))) == 401
    assert status_with(stranger, issue_ticket(services.settings, "https://example.com/a.mp4") or "") == 401


def test_a_session_is_no_token_of_a_player_and_no_ticket(services: Services) -> None:
    key, _ = services.catalog.api_keys.make("person", ["read"])
    session = open_session(services.catalog.sessions, key.key_id)
    for_players = session_claims(services, aud="movie/7")
    signed = jwt.encode(for_players, services.catalog.sessions.signing_key(), "HS256")
    for token in (session, signed):
        with pytest.raises(InvalidToken):
            title_of(services.settings, token)
        assert not admits(services.settings, token, "https://example.com/a.mp4")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sid": None},
        {"sid": "0" * 64},
        {"sid": 7},
        {"aud": "movie/7"},
        {"aud": None},
        {"exp": datetime.now(UTC) - timedelta(minutes=1)},
        {"exp": datetime.now(UTC) + timedelta(days=3650)},
        {"iat": datetime.now(UTC) - timedelta(hours=13)},
        {"iat": datetime.now(UTC) + timedelta(hours=1)},
        {"sub": "0" * 12},
    ],
)
def test_a_session_lives_as_long_as_is_said_and_is_one_that_was_opened(
    services: Services, stranger: TestClient, changes: dict[str, object]
) -> None:
    secret = services.catalog.sessions.signing_key()
    assert status_with(stranger, jwt.encode(session_claims(services), secret, "HS256")) == 404
    assert status_with(stranger, jwt.encode(session_claims(services, **changes), secret, "HS256")) == 401


def test_a_session_is_signed_in_one_way_alone(services: Services, stranger: TestClient) -> None:
    claims, secret = session_claims(services), services.catalog.sessions.signing_key()
    assert status_with(stranger, jwt.encode(claims, None, "none")) == 401
    assert status_with(stranger, jwt.encode(claims, secret * 2, "HS512")) == 401
    assert status_with(stranger, jwt.encode(claims, secret, "HS384")) == 401
    assert status_with(stranger, jwt.encode(claims, "y" * 64, "HS256")) == 401


def test_a_session_that_was_opened_too_long_ago_is_over_whatever_it_says(
    services: Services, stranger: TestClient, database: Database
) -> None:
    claims, secret = session_claims(services), services.catalog.sessions.signing_key()
    database.query("UPDATE nightreel.sessions SET opened_at = now() - interval '12 hours'")
    assert status_with(stranger, jwt.encode(claims, secret, "HS256")) == 401


def test_a_session_that_was_signed_out_is_over_also_for_who_kept_its_cookie(
    signed_in: SignIn, app: FastAPI
) -> None:
    browser, _ = signed_in()
    cookie = {"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    thief = TestClient(app, follow_redirects=False)
    assert thief.post(TOKEN, json=WANTED, headers=ORIGIN | cookie).status_code == 200
    browser.post("/sign-out", headers=ORIGIN)
    assert thief.post(TOKEN, json=WANTED, headers=ORIGIN | cookie).status_code == 401
    assert thief.get(READ, headers=cookie).status_code == 401


def test_what_the_catalog_keeps_of_a_session_opens_none(services: Services, database: Database) -> None:
    claims = session_claims(services)
    rows = database.query("SELECT * FROM nightreel.sessions")
    assert rows
    assert str(claims["sid"]) not in str(rows)


def test_sessions_that_are_over_are_forgotten_when_another_opens(
    services: Services, signed_in: SignIn, database: Database
) -> None:
    signed_in()
    database.query("UPDATE nightreel.sessions SET opened_at = now() - interval '12 hours'")
    signed_in()
    assert database.row("SELECT count(*) AS n FROM nightreel.sessions")["n"] == 1


def test_several_web_apps_share_the_key_of_sessions(services: Services) -> None:
    first = services.catalog.sessions.signing_key()
    assert len(first) == 64
    assert replace(services).open_catalog().sessions.signing_key() == first
