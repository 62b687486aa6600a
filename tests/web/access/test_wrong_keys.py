"""Wrong API keys: few of one client, and never in the way of right ones."""

import asyncio
from collections.abc import Callable
from secrets import token_hex
from threading import Event, Thread, current_thread
from types import SimpleNamespace

import httpx
import psycopg2
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from psycopg2.extensions import connection

from nightreel.catalog import Catalog
from nightreel.web.access import StandaloneAccess
from nightreel.web.access.clients import Windows, client_of
from nightreel.web.app import create_app
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.access.test_standalone import READ, TITLE, TOKEN

WRONG_KEYS_PER_MINUTE = 30
"""By default."""

Connect = Callable[[], connection]


def wrong_key() -> str:
    return f"nr_{token_hex(6)}_{token_hex(32)}"


def app_over(services: Services, connect: Connect) -> FastAPI:
    """The app, whose callers are looked up through these connections."""
    return create_app(services, StandaloneAccess(Catalog(connect, services.catalog.mapping)))


def client_at(app: FastAPI, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


def test_a_flood_of_wrong_keys_asks_a_slow_catalog_a_few_times_alone(
    services: Services, database: Database
) -> None:
    opened: list[connection] = []

    def slowly() -> connection:
        Event().wait(0.1)
        opened.append(psycopg2.connect(database.dsn))
        return opened[-1]

    async def flood(app: FastAPI) -> set[int]:
        async def ask(number: int) -> int:
            async with client_at(app, f"10.0.{number // 250}.{number % 250}") as client:
                return (await client.get(READ, headers={"ApiKey": wrong_key()})).status_code

        return set(await asyncio.gather(*(ask(number) for number in range(300))))

    assert asyncio.run(flood(app_over(services, slowly))) == {401}
    # As many as looks follow one another while the requests come in.
    assert len(opened) <= 30


def test_right_keys_are_let_in_while_wrong_ones_wait_for_the_catalog(
    services: Services, database: Database
) -> None:
    held, free = Event(), Event()

    def connect() -> connection:
        if held.is_set() and current_thread().name.startswith("keys"):
            free.wait()
        return psycopg2.connect(database.dsn)

    _, key = services.catalog.api_keys.make("backend", ["read"])
    app, right = app_over(services, connect), {"ApiKey": key}

    async def while_wrong_ones_wait() -> tuple[list[int], set[int]]:
        async with client_at(app, "192.0.2.1") as client, client_at(app, "192.0.2.2") as other:
            assert (await client.get(READ, headers=right)).status_code == 404
            held.set()
            flood = [
                asyncio.create_task(other.get(READ, headers={"ApiKey": wrong_key()}))
                for _ in range(WRONG_KEYS_PER_MINUTE)
            ]
            await asyncio.sleep(0.2)
            assert not any(each.done() for each in flood)
            answers = [
                (await client.get(READ, headers=right)).status_code,
                (await client.post(TOKEN, json=TITLE, headers=right)).status_code,
                (
                    await client.post("/sign-in", data={"key": key}, headers={"Origin": "http://testserver"})
                ).status_code,
            ]
            free.set()
            return answers, {(await each).status_code for each in flood}

    answers, wrong = asyncio.run(while_wrong_ones_wait())
    assert answers == [404, 200, 303]
    assert wrong == {401}


@pytest.mark.parametrize("form", [False, True])
def test_a_client_that_shows_too_many_wrong_keys_is_told_when_to_come_again(
    services: Services, form: bool
) -> None:
    app = app_over(services, lambda: psycopg2.connect(services.settings.catalog_dsn.get_secret_value()))
    client = TestClient(app)

    def show(key: str) -> httpx.Response:
        if form:
            return client.post("/sign-in", data={"key": key}, headers={"Origin": "http://testserver"})
        return client.get(READ, headers={"ApiKey": key})

    assert {show("nr_wrong").status_code for _ in range(WRONG_KEYS_PER_MINUTE)} == {401}
    answer = show(wrong_key())
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    other = TestClient(app, client=("192.0.2.9", 1))
    assert other.get(READ, headers={"ApiKey": wrong_key()}).status_code == 401


def test_a_right_key_is_let_in_from_where_wrong_ones_come(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, before = services.catalog.api_keys.make("backend", ["read"])
    client = TestClient(
        app_over(services, lambda: psycopg2.connect(services.settings.catalog_dsn.get_secret_value()))
    )
    assert client.get(READ, headers={"ApiKey": before}).status_code == 404
    for _ in range(WRONG_KEYS_PER_MINUTE + 1):
        answer = client.get(READ, headers={"ApiKey": "nr_wrong"})
    assert answer.status_code == 429
    assert client.get(READ, headers={"ApiKey": before}).status_code == 404
    _, made_since = services.catalog.api_keys.make("another", ["read"])
    monkeypatch.setattr("nightreel.web.access.key_gate._OLD_SECONDS", 0.0)
    assert client.get(READ, headers={"ApiKey": made_since}).status_code == 404


def test_a_key_that_was_revoked_is_a_wrong_one_from_then_on(services: Services) -> None:
    made, key = services.catalog.api_keys.make("backend", ["read"])
    client = TestClient(
        app_over(services, lambda: psycopg2.connect(services.settings.catalog_dsn.get_secret_value()))
    )
    assert client.post(TOKEN, json=TITLE, headers={"ApiKey": key}).status_code == 200
    services.catalog.api_keys.revoke(made.key_id)
    statuses = [
        client.post(TOKEN, json=TITLE, headers={"ApiKey": key}).status_code
        for _ in range(WRONG_KEYS_PER_MINUTE + 2)
    ]
    assert statuses == [401] * (WRONG_KEYS_PER_MINUTE + 1) + [429]


def test_a_catalog_that_is_away_is_no_wrong_key(services: Services) -> None:
    away = Catalog.from_dsn("postgresql://someone@127.0.0.1:1/films", services.catalog.mapping)
    client = TestClient(create_app(services, StandaloneAccess(away)))
    assert client.get(READ, headers={"ApiKey": wrong_key()}).status_code == 503


def test_a_key_is_good_as_soon_as_it_is_made_also_while_a_look_is_under_way(services: Services) -> None:
    began, go_on = Event(), Event()

    def connect() -> connection:
        opened = psycopg2.connect(services.settings.catalog_dsn.get_secret_value())
        if current_thread().name.startswith("keys") and not began.is_set():
            # What it reads is as old as its first question.
            opened.set_session("REPEATABLE READ")
            opened.cursor().execute("SELECT count(*) FROM nightreel.api_keys")
            began.set()
            go_on.wait()
        return opened

    app = app_over(services, connect)
    early = Thread(target=lambda: TestClient(app).get(READ, headers={"ApiKey": wrong_key()}))
    early.start()
    began.wait()
    _, key = services.catalog.api_keys.make("backend", ["read"])
    answers: list[int] = []
    late = Thread(
        target=lambda: answers.append(TestClient(app).get(READ, headers={"ApiKey": key}).status_code)
    )
    late.start()
    go_on.set()
    early.join()
    late.join()
    assert answers == [404]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("x" * 1000, "x" * 64),
        (None, ""),
    ],
)
def test_a_client_is_an_address_or_a_network_of_ipv6(address: str | None, client: str) -> None:
    scope = {"type": "http", "client": None if address is None else (address, 1)}
    assert client_of(Request(scope)) == client


def test_a_minute_later_a_client_may_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("nightreel.web.access.clients.time", SimpleNamespace(monotonic=lambda: now))
    wrong = Windows()
    assert [wrong.add("a", 1), wrong.add("a", 1)] == [1, 2]
    now = 159.5
    assert wrong.too_many("a", "", "").headers == {"Retry-After": "1"}
    now = 160.0
    assert wrong.add("a", 1) == 1
