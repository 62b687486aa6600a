"""Trying the receivers out, and telling them now."""

from collections.abc import Iterator

import pytest

from nightreel.catalog import Catalog
from nightreel.vocabulary.title import Title
from tests.cli.conftest import Run, add, publish
from tests.notify.listener import PATH, SECRET, Listener, listening


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    with listening() as listener:
        monkeypatch.setenv("NIGHTREEL_WEBHOOK_URLS", listener.url)
        monkeypatch.setenv("NIGHTREEL_WEBHOOK_SECRET", SECRET)
        yield listener


def test_a_test_is_sent_to_every_receiver_whether_there_is_a_catalog_or_not(
    run: Run, listener: Listener
) -> None:
    result = run("notify", "--test")
    assert (result.exit_code, result.stdout) == (0, f"http://127.0.0.1:{listener.port}: accepted it\n")
    assert listener.types == ["nightreel.test"]


def test_a_receiver_that_does_not_take_the_test_is_said_without_its_address(
    run: Run, listener: Listener
) -> None:
    listener.answers = [403]
    result = run("notify", "--test")
    assert result.exit_code == 1
    assert "answered 403" in result.stdout
    assert PATH not in result.output


def test_what_did_not_arrive_is_sent_now(run: Run, catalog: Catalog, listener: Listener) -> None:
    publish(catalog, add(catalog, Title("movie", "1")))
    listener.answers = [500]
    assert run("notify").exit_code == 1
    result = run("notify")
    assert (result.exit_code, result.stdout) == (0, "1 delivered, 0 given up\n")
    assert listener.types == ["title.published"] * 2


def test_nobody_to_notify_is_a_wrong_set_up(run: Run) -> None:
    result = run("notify", "--test")
    assert result.exit_code == 2
    assert "NIGHTREEL_WEBHOOK_URLS" in result.stderr
