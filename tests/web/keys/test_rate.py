"""How often a client may ask for the keys of a title."""

from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from nightreel.vocabulary.title import Title
from nightreel.web.access.clients import Windows
from nightreel.web.keys.rate import KeyRate
from nightreel.web.keys.tokens import issue
from nightreel.web.problems import Problem
from nightreel.web.services import Services
from tests.web.keys.conftest import Encrypted

TITLE = Title("movie", "7")


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
    rate = KeyRate(windows)
    for number in range(50):
        rate.count(asking(f"192.0.2.{number}"), TITLE, 2)
    assert len(windows) == 10


def test_the_addresses_of_one_subscriber_count_as_one() -> None:
    rate = KeyRate()
    rate.count(asking("2001:db8::1"), TITLE, 2)
    rate.count(asking("2001:db8::2"), TITLE, 2)
    with pytest.raises(Problem):
        rate.count(asking("2001:db8::3"), TITLE, 2)


def test_who_is_pushed_out_by_others_was_seen_least_lately() -> None:
    rate = KeyRate(Windows(2))
    for _ in range(2):
        rate.count(asking("192.0.2.1"), TITLE, 2)
    for number in range(2, 5):
        rate.count(asking(f"192.0.2.{number}"), TITLE, 2)
        with pytest.raises(Problem):
            rate.count(asking("192.0.2.1"), TITLE, 2)


def asking(client: str) -> Request:
    return Request({"type": "http", "client": (client, 1), "headers": []})
