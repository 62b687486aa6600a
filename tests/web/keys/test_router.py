"""Keys for players: against a token of the title, and nothing else."""

import base64
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.title import Title
from nightreel.web.keys.tokens import issue, title_of
from nightreel.web.services import Services
from tests.web.conftest import ClientWith
from tests.web.keys.conftest import Encrypted

PLAYER = "https://player.example"


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {"web_origins": (PLAYER,)}


@pytest.fixture(scope="module")
def title_and_key(encrypted: Encrypted) -> tuple[Title, ContentKey]:
    return encrypted()


@pytest.fixture(scope="module")
def token(services: Services, title_and_key: tuple[Title, ContentKey]) -> str:
    return issue(services.settings, title_and_key[0])


@pytest.fixture(scope="module")
def key(title_and_key: tuple[Title, ContentKey]) -> ContentKey:
    return title_and_key[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def kid(key_id: UUID) -> str:
    return base64.urlsafe_b64encode(key_id.bytes).rstrip(b"=").decode()


def test_a_token_of_the_title_gets_the_sixteen_bytes(
    stranger: TestClient, key: ContentKey, token: str
) -> None:
    for answer in (
        stranger.get(f"/keys/{key.key_id}", headers=bearer(token)),
        stranger.get(f"/keys/{key.key_id}", params={"token": token}),
    ):
        assert answer.status_code == 200
        assert answer.content == key.key
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "no-store"


def test_without_a_token_there_is_no_key_whatever_api_key_is_shown(
    client_with: ClientWith, key: ContentKey
) -> None:
    answer = client_with("read", "convert", "upload").get(f"/keys/{key.key_id}")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_token_of_another_title_gets_nothing(
    services: Services, stranger: TestClient, encrypted: Encrypted, key: ContentKey
) -> None:
    other, _ = encrypted()
    headers = bearer(issue(services.settings, other))
    assert stranger.get(f"/keys/{key.key_id}", headers=headers).status_code == 403
    licence = stranger.post("/keys/clearkey", json={"kids": [kid(key.key_id)]}, headers=headers)
    assert licence.status_code == 403


def test_a_key_that_is_not_there_is_told_only_to_who_has_a_token(stranger: TestClient, token: str) -> None:
    assert stranger.get(f"/keys/{uuid4()}", headers=bearer(token)).status_code == 404
    assert stranger.get(f"/keys/{uuid4()}", headers=bearer("x")).status_code == 401
    assert stranger.get("/keys/7", headers=bearer(token)).status_code == 422


def test_a_licence_holds_each_key_that_was_asked_for(
    stranger: TestClient, key: ContentKey, token: str
) -> None:
    wanted = {"kids": [kid(key.key_id)], "type": "temporary"}
    answer = stranger.post("/keys/clearkey", json=wanted, headers=bearer(token))
    assert answer.json() == {
        "keys": [
            {
                "kty": "oct",
                "kid": kid(key.key_id),
                "k": base64.urlsafe_b64encode(key.key).rstrip(b"=").decode(),
            }
        ],
        "type": "temporary",
    }
    assert answer.headers["cache-control"] == "no-store"


def test_a_licence_request_is_read_whatever_type_the_player_gives_it(
    stranger: TestClient, key: ContentKey, token: str
) -> None:
    body = json.dumps({"kids": [kid(key.key_id)]}).encode()
    for content_type in ("application/octet-stream", "text/plain", ""):
        answer = stranger.post(
            "/keys/clearkey", content=body, headers={**bearer(token), "Content-Type": content_type}
        )
        assert answer.json()["keys"][0]["kid"] == kid(key.key_id), content_type


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b'{"kids": []}', 422),
        (b'{"kids": ["short"]}', 422),
        (b'{"kids": ["\xff"]}', 422),
        (b'{"kids": ["\\u0000\\ud800"]}', 422),
        ('{"kids": ["schlüssel"]}'.encode(), 422),
        (b'{"kids": [1]}', 422),
        (b'{"kids": ["LwVHf8JLtPrv2GUXFW2v_A"], "type": "for ever"}', 422),
        (b'{"kids": ["LwVHf8JLtPrv2GUXFW2v_A"]}', 404),
        (b" " * 20_000, 413),
    ],
)
def test_what_is_no_licence_request_is_refused(
    stranger: TestClient, token: str, body: bytes, status: int
) -> None:
    answer = stranger.post("/keys/clearkey", content=body, headers=bearer(token))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_of_a_named_origin_may_ask_with_a_token(
    stranger: TestClient, key: ContentKey, token: str
) -> None:
    asked = {
        "Origin": PLAYER,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    allowed = stranger.options(f"/keys/{key.key_id}", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == PLAYER
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    answer = stranger.get(f"/keys/{key.key_id}", headers={**bearer(token), "Origin": PLAYER})
    assert answer.headers["access-control-allow-origin"] == PLAYER
    evil = stranger.options(f"/keys/{key.key_id}", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers


def test_who_may_read_gets_a_token_that_opens_the_title(
    services: Services, client_with: ClientWith, key: ContentKey, title_and_key: tuple[Title, ContentKey]
) -> None:
    title, _ = title_and_key
    reader = client_with("read")
    given = reader.post("/api/v1/token", json={"content_id": title.content_id, "seconds": 60})
    assert given.status_code == 200
    assert given.json()["expires_in"] == 60
    assert given.headers["cache-control"] == "no-store"
    assert title_of(services.settings, given.json()["token"]) == title
    answer = reader.get(f"/keys/{key.key_id}", headers=bearer(given.json()["token"]))
    assert answer.content == key.key


def test_a_token_never_lives_longer_than_the_setting_allows(
    services: Services, client_with: ClientWith
) -> None:
    wanted = {"content_type": "movie", "content_id": "1", "seconds": 10**9}
    given = client_with("read").post("/api/v1/token", json=wanted)
    assert given.json()["expires_in"] == services.settings.token_seconds


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"content_type": "MOVIE", "content_id": "1"}, 422),
        ({"content_type": "movie", "content_id": "1/2"}, 422),
        ({"content_type": "movie", "content_id": "\0"}, 422),
        ({"content_type": "play", "content_id": "1"}, 404),
        ({"content_type": "movie", "content_id": "1", "seconds": 0}, 422),
        ({}, 422),
    ],
)
def test_there_is_no_token_for_what_is_no_title(
    client_with: ClientWith, wanted: dict[str, object], status: int
) -> None:
    assert client_with("read").post("/api/v1/token", json=wanted).status_code == status
