"""Cloudflare's purge: what is sent, what is tried again, and what is told."""

from collections.abc import Iterator
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.cloudflare import PREFIXES_PER_REQUEST, Cloudflare, PurgeFailed, purge_prefix, purge_requests
from nightreel.settings import load_settings
from tests.cloudflare_server import BUSY, TOKEN, ZONE, Answer, CloudflareServer, cloudflare_server, refusal

PREFIXES = [f"media.example.com/hls/movies/7/20260101T000000-{number:08x}" for number in range(65)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudflareServer]:
    with cloudflare_server() as server:
        monkeypatch.setattr("nightreel.cloudflare.API", server.api)
        yield server


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def cloudflare(server: CloudflareServer, waits: list[float]) -> Cloudflare:
    return Cloudflare(ZONE, TOKEN, waits.append)


def test_prefixes_are_purged_in_batches_that_every_plan_takes(
    cloudflare: Cloudflare, server: CloudflareServer
) -> None:
    cloudflare.purge(PREFIXES)
    assert server.purged == PREFIXES
    assert [len(each["prefixes"]) for each in server.calls] == [30, 30, 5]


@given(st.lists(st.text(min_size=1), max_size=200))
def test_every_prefix_is_in_one_request(prefixes: list[str]) -> None:
    bodies = list(purge_requests(prefixes))
    assert [each for body in bodies for each in body["prefixes"]] == prefixes
    assert len(bodies) == ceil(len(prefixes) / PREFIXES_PER_REQUEST)


def test_while_it_is_busy_it_is_asked_again_after_the_time_that_it_says(
    cloudflare: Cloudflare, server: CloudflareServer, waits: list[float]
) -> None:
    server.next_answers = [BUSY, Answer(503, b"<html>"), BUSY]
    cloudflare.purge(PREFIXES[:2])
    assert server.purged == PREFIXES[:2]
    assert waits[0] == waits[2] == 7


def test_it_is_given_up_when_it_stays_busy(cloudflare: Cloudflare, server: CloudflareServer) -> None:
    server.next_answers = [BUSY] * 9
    with pytest.raises(PurgeFailed, match=r"429, rate limited \(code 971\)"):
        cloudflare.purge(PREFIXES)
    assert len(server.calls) == 4


@pytest.mark.parametrize(
    "said", ["-1", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT", "９", "99999999999999999999", ""]
)
def test_no_answer_makes_it_wait_for_long(
    cloudflare: Cloudflare, server: CloudflareServer, waits: list[float], said: str
) -> None:
    server.next_answers = [Answer(429, {"success": False}, {"Retry-After": said.encode().decode("latin-1")})]
    cloudflare.purge(PREFIXES[:1])
    assert 0 < waits[0] <= 15


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal(400, 1094, "Invalid purge request"), r"400, Invalid purge request \(code 1094\)"),
        (refusal(200, 1012, "No such prefix"), r"200, No such prefix \(code 1012\)"),
        (Answer(200, {"success": "true"}), "200, without a reason"),
        (Answer(200, []), "200, without a reason"),
        (Answer(200, b"no JSON"), "200, without a reason"),
        (Answer(400, {"success": True}), "400, without a reason"),
        (Answer(400, {"errors": "none", "success": False}), "400, without a reason"),
        (Answer(400, {"errors": [None, {}], "success": False}), r"an error \(code \?\)"),
    ],
)
def test_a_refusal_is_told_in_its_words_and_not_repeated(
    cloudflare: Cloudflare, server: CloudflareServer, answer: Answer, told: str
) -> None:
    server.next_answers = [answer]
    with pytest.raises(PurgeFailed, match=told):
        cloudflare.purge(PREFIXES)
    assert len(server.calls) == 1


def test_a_token_that_may_not_purge_is_named_with_its_cure_and_never_shown(server: CloudflareServer) -> None:
    with pytest.raises(PurgeFailed, match="NIGHTREEL_CLOUDFLARE_API_TOKEN needs the permission") as caught:
        Cloudflare(ZONE, "another-token").purge(PREFIXES)
    assert "another-token" not in str(caught.value)


def test_a_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    monkeypatch.setattr("nightreel.cloudflare.API", "http://127.0.0.1:1")
    with pytest.raises(PurgeFailed, match="did not answer"):
        Cloudflare(ZONE, TOKEN, waits.append).purge(PREFIXES)
    assert waits == [2, 4, 8]


def test_a_prefix_is_a_url_without_its_scheme() -> None:
    assert (
        purge_prefix("https://media.example.com/a%20b/master.m3u8") == "media.example.com/a%20b/master.m3u8"
    )
    assert purge_prefix("http://127.0.0.1:8333/media/hls") == "127.0.0.1:8333/media/hls"


def test_it_is_used_where_both_settings_are_set() -> None:
    assert Cloudflare.from_settings(load_settings()) is None
    assert Cloudflare.from_settings(load_settings(cloudflare_zone_id=ZONE)) is None
    assert Cloudflare.from_settings(load_settings(cloudflare_zone_id=ZONE, cloudflare_api_token=TOKEN))
