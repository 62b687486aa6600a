"""What is logged of names is one line, and reads as what it is."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import httpx
import pytest
import urllib3
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nightreel.logs import keep_logs_clean

FORGED = "Metropolis\n2026-01-01 00:00:00 ERROR forged\r\x1b[2J\u202e%s"


def test_a_name_forges_no_line_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("nightreel.orchestration.somewhere").warning("claimed %s", FORGED)
    assert caplog.messages == [r"claimed Metropolis\n2026-01-01 00:00:00 ERROR forged\r\x1b[2J\u202e%s"]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_whatever_a_name_is_a_message_is_one_line(caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.clear()
    logging.getLogger("nightreel").warning("%s", name)
    assert len(caplog.messages[0].splitlines()) <= 1


def test_the_messages_of_others_are_theirs(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("nightreels").warning("two\nlines")
    assert caplog.messages == ["two\nlines"]


@pytest.fixture
def origin() -> Iterator[str]:
    """Answers 404 to all that is asked."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask_by_httpx(url: str) -> None:
    httpx.get(url, trust_env=False)


def ask_by_urllib3(url: str) -> None:
    urllib3.PoolManager().request("GET", url)


def ask_the_bucket(url: str) -> None:
    pair = {"aws_access_key_id": "id", "aws_secret_access_key": "the-secret", "region_name": "auto"}
    with suppress(BotoCoreError, ClientError):
        boto3.client("s3", endpoint_url=url.partition("/film")[0], **pair).head_object(
            Bucket="b", Key="film", VersionId="the-secret"
        )


@pytest.mark.parametrize("ask", [ask_by_httpx, ask_by_urllib3, ask_the_bucket])
@pytest.mark.parametrize("asked_for", [logging.NOTSET, logging.DEBUG])
def test_no_client_logs_what_stands_in_a_query(
    origin: str, caplog: pytest.LogCaptureFixture, ask: Callable[[str], None], asked_for: int
) -> None:
    """Whatever level the root logger has, and the client's own if somebody asks for more."""
    clients = [logging.getLogger(name) for name in ("httpx", "httpcore", "urllib3", "botocore")]
    before = [client.level for client in clients]
    try:
        if asked_for:
            for client in clients[:3]:
                client.setLevel(asked_for)
        with caplog.at_level(logging.DEBUG):
            ask(f"{origin}/film.mp4?X-Amz-Signature=the-secret&token=the-secret")
    finally:
        for client, level in zip(clients, before, strict=True):
            client.setLevel(level)
    assert "the-secret" not in caplog.text


def test_being_asked_again_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    keep_logs_clean()
    logging.getLogger("nightreel.somewhere").warning("a\nb")
    assert caplog.messages == [r"a\nb"]


def test_a_message_whose_arguments_do_not_fit_stops_nobodys_work() -> None:
    record = logging.getLogRecordFactory()("nightreel", logging.INFO, "", 0, "%d", ("a",), None)
    assert record.args == ("a",)
