"""Who may have a source streamed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.settings import Settings
from nightreel.web.app import create_app
from nightreel.web.services import Services
from nightreel.web.streams.tickets import admits, issue_ticket
from tests.web.streams.servers import Host

PATHS = ["/api/stream/mp4", "/api/stream", "/api/stream/hls"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_nothing_is_streamed(player: httpx.Client, host: Host, path: str) -> None:
    assert player.get(path, params={"url": f"{host.url}/clip.mp4"}).status_code == 401
    assert player.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_key_that_does_not_read_is_not_enough(
    client_with: Callable[..., TestClient], host: Host, path: str
) -> None:
    answer = client_with("upload").get(path, params={"url": f"{host.url}/clip.mp4"})
    assert answer.status_code == 403


def test_a_ticket_admits_to_its_own_source_alone(
    web_settings: Settings, player: httpx.Client, host: Host
) -> None:
    ticket = issue_ticket(web_settings, f"{host.url}/clip.mp4") or ""
    own = player.get("/api/stream/mp4", params={"url": f"{host.url}/clip.mp4", "token": ticket})
    other = player.get("/api/stream/mp4", params={"url": f"{host.url}/long.mp4", "token": ticket})
    assert (own.status_code, other.status_code) == (200, 401)


def test_a_ticket_is_over_in_time_and_good_for_its_signer_alone(web_settings: Settings) -> None:
    ticket = issue_ticket(web_settings, "https://example.com/a") or ""
    assert admits(web_settings, ticket, "https://example.com/a")
    ends_at_once = web_settings.model_copy(update={"token_seconds": -1})
    assert not admits(
        web_settings, issue_ticket(ends_at_once, "https://example.com/a") or "", "https://example.com/a"
    )
    another = web_settings.model_copy(update={"token_secret": type(web_settings.token_secret)("x" * 64)})
    assert not admits(another, ticket, "https://example.com/a")
    assert not admits(web_settings, "not.a.ticket", "https://example.com/a")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime.now(UTC) + timedelta(days=3650)},
        {"exp": None},
        {"iat": None},
        {"iat": datetime.now(UTC) - timedelta(days=1)},
        {"aud": "nightreel-session"},
    ],
)
def test_a_ticket_lives_no_longer_than_a_token_may_whoever_signs_it(
    web_settings: Settings, changes: dict[str, object]
) -> None:
    secret, url = web_settings.token_secret.get_secret_value(), "https://example.com/a"
    claims = jwt.decode(issue_ticket(web_settings, url) or "", secret, ["HS256"], audience="stream")
    assert admits(web_settings, jwt.encode(claims, secret, "HS256"), url)
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    assert not admits(web_settings, jwt.encode(changed, secret, "HS256"), url)


def test_streams_may_be_open_to_everyone_and_hosts_are_not(
    services: Services, app: FastAPI, host: Host
) -> None:
    settings = services.settings.model_copy(update={"open_streams": True})
    with TestClient(create_app(replace(services, settings=settings), app.state.access)) as client:
        allowed = client.get("/api/stream/mp4", params={"url": f"{host.url}/clip.mp4"})
        other = client.get("/api/stream/mp4", params={"url": "https://example.com/a.mp4"})
    assert (allowed.status_code, other.status_code) == (200, 422)


def test_links_are_below_the_public_address_where_there_is_one(
    services: Services, app: FastAPI, host: Host
) -> None:
    settings = services.settings.model_copy(
        update={"open_streams": True, "web_url": "https://films.example.com/nightreel"}
    )
    with TestClient(create_app(replace(services, settings=settings), app.state.access)) as client:
        info = client.get("/api/stream/hls", params={"url": f"{host.url}/clip.mp4"}).json()
    assert info["hls_playlist_stream"].startswith("https://films.example.com/nightreel/api/stream/hls/")
    assert info["mp4_fallback_stream"].startswith("https://films.example.com/nightreel/api/stream?url=")


def test_links_hold_where_the_app_is_mounted(services: Services, app: FastAPI, host: Host) -> None:
    settings = services.settings.model_copy(update={"open_streams": True})
    inner = create_app(replace(services, settings=settings), app.state.access)
    above = FastAPI(lifespan=inner.router.lifespan_context)
    above.state = inner.state
    above.mount("/nightreel", inner)
    with TestClient(above) as client:
        info = client.get("/nightreel/api/stream/hls", params={"url": f"{host.url}/clip.mp4"}).json()
        assert "/nightreel/api/stream/hls/" in info["hls_playlist_stream"]
        assert client.get(info["hls_playlist_stream"]).status_code == 200
        assert client.get(info["mp4_fallback_stream"]).status_code == 200
