"""What is POSTed, and what counts as taken."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import WebhookVerificationError

from nightreel.catalog import Catalog, Event
from nightreel.notify import webhooks
from nightreel.notify.deliver import deliver_pending
from nightreel.notify.receiver import NotDelivered, ReceiverGone
from nightreel.notify.webhooks import Webhook, body, signer
from tests.notify.conftest import Happen, Told
from tests.notify.listener import PATH, SECRET, Listener, Request
from tests.notify.sending import EVENT, error_of_sending


def webhook(listener: Listener) -> Webhook:
    return Webhook(SecretStr(listener.url), signer(SecretStr(SECRET)))


def test_a_webhook_is_signed_as_standard_webhooks_has_it(listener: Listener) -> None:
    webhook(listener).send(EVENT)
    (request,) = listener.requests
    assert request.headers["content-type"] == "application/json"
    assert request.event_id == EVENT.event_id
    assert request.verified() == {
        "type": "nightreel.test",
        "timestamp": "2026-01-02T00:00:00+00:00",
        "data": {},
    }


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_a_webhook_under_another_id_or_time_does_not_verify(listener: Listener, header: str) -> None:
    webhook(listener).send(EVENT)
    (request,) = listener.requests
    forged = Request({**request.headers, header: request.headers[header] + "0"}, request.body)
    with pytest.raises(WebhookVerificationError):
        forged.verified()


@given(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False) | st.none()))
def test_whatever_an_event_says_the_same_bytes_are_sent_and_signed_at_every_try(
    payload: dict[str, object],
) -> None:
    event = Event(EVENT.event_id, "test", None, payload, EVENT.occurred_at)
    assert body(event) == body(event)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": event.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer(SecretStr(SECRET)).sign(event.event_id, now, body(event)),
    }
    assert Request(headers, body(event).encode()).verified()["data"] == payload


def test_a_titles_event_leads_to_its_page_where_the_app_has_an_address(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    deliver_pending(catalog, settings_for(listener, web_url="https://reel.example/nightreel/"))
    assert listener.told[0]["data"]["page"] == "https://reel.example/nightreel/titles/movie/1"


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_answer_of_success_means_that_it_was_taken(listener: Listener, status: int) -> None:
    listener.answers = [status]
    webhook(listener).send(EVENT)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
def test_any_other_answer_means_that_it_was_not_and_no_redirect_is_followed(
    listener: Listener, status: int
) -> None:
    listener.answers = [status]
    with pytest.raises(NotDelivered, match=f"answered {status}"):
        webhook(listener).send(EVENT)
    assert len(listener.requests) == 1


def test_gone_means_never_again(listener: Listener) -> None:
    listener.answers = [410]
    with pytest.raises(ReceiverGone):
        webhook(listener).send(EVENT)


@pytest.mark.parametrize("answer", [0, -1], ids=["no answer", "an answer that never ends"])
def test_nobody_waits_for_ever(listener: Listener, monkeypatch: pytest.MonkeyPatch, answer: int) -> None:
    monkeypatch.setattr(webhooks, "_ANSWER_SECONDS", 0.3)
    listener.answers = [answer]
    with pytest.raises(NotDelivered, match="did not answer within"):
        webhook(listener).send(EVENT)


def test_nobody_at_the_address_is_no_delivery() -> None:
    closed = Webhook(SecretStr("http://127.0.0.1:1/"), signer(SecretStr(SECRET)))
    with pytest.raises(NotDelivered, match="did not answer"):
        closed.send(EVENT)


@pytest.mark.parametrize("answer", [204, 500, 410])
def test_neither_the_address_nor_the_key_is_in_an_error_or_in_a_log(
    listener: Listener, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], answer: int
) -> None:
    listener.answers = [answer]
    said = error_of_sending(webhook(listener), caplog)
    assert listener.requests
    written = said + caplog.text + "".join(capfd.readouterr())
    assert PATH not in written
    assert SECRET.removeprefix("whsec_") not in written
