"""How often a client may ask for the keys of a title."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.web.access.clients import Windows
from nightreel.web.keys.tokens import issue
from nightreel.web.services import Services
from tests.web.keys.conftest import Encrypted


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {"key_requests_per_minute": 3}


def test_a_client_that_asks_too_often_waits_while_others_and_other_titles_do_not(
    app: FastAPI, services: Services, encrypted: Encrypted
) -> None:
    (one, key_of_one), (other, key_of_other) = encrypted(), encrypted()
    greedy, modest = TestClient(app, client=("192.0.2.1", 1)), TestClient(app, client=("192.0.2.2", 1))
    path, token = f"/keys/{key_of_one.key_id}", {"token": issue(services.settings, one)}

    assert [greedy.get(path, params=token).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = greedy.get(path, params={"token": issue(services.settings, one)})
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60

    assert modest.get(path, params=token).status_code == 200
    asked = {"token": issue(services.settings, other)}
    assert greedy.get(f"/keys/{key_of_other.key_id}", params=asked).status_code == 200


def test_what_is_counted_takes_no_more_room_however_many_ask() -> None:
    windows = Windows(10)
    for number in range(50):
        windows.add(f"192.0.2.{number}", 1)
    assert len(windows) == 10


def test_who_is_pushed_out_by_others_was_seen_least_lately() -> None:
    windows = Windows(2)
    counts = [windows.add("192.0.2.1", 1)]
    for number in range(2, 5):
        windows.add(f"192.0.2.{number}", 1)
        counts.append(windows.add("192.0.2.1", 1))
    assert counts == [1, 2, 3, 4]
