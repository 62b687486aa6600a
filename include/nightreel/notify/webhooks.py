"""Signed webhooks, in the format of Standard Webhooks (https://www.standardwebhooks.com)."""

import asyncio
import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Final

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from nightreel.catalog import Event
from nightreel.errors import ConfigurationError
from nightreel.notify.pages import title_page
from nightreel.notify.receiver import NotDelivered, Receiver, ReceiverGone

TYPES: Final = {
    "published": "title.published",
    "quarantined": "title.quarantined",
    "failed": "title.failed",
    "deadline_missed": "run.deadline_missed",
    "backlog_report": "backlog.reported",
    "titles_orphaned": "titles.orphaned",
    "test": "nightreel.test",
}

_ANSWER_SECONDS = 10.0
_SECRET_BYTES = range(24, 65)


class Webhook(Receiver):
    """A URL that events are POSTed to. 2xx means that it accepted the event."""

    def __init__(self, url: SecretStr, signer: Signer, web_url: str = "") -> None:
        super().__init__(url)
        self._signer = signer
        self._web_url = web_url
        parts = httpx.URL(url.get_secret_value())
        # Without user, password, path and query, any of which may be a secret.
        self.name = f"{parts.scheme}://{parts.host}" + (f":{parts.port}" if parts.port else "")

    def send(self, event: Event) -> None:
        """Signs and posts it (Standard Webhooks). Raises NotDelivered, or ReceiverGone for a response 410."""
        content = body(event, self._web_url)
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "nightreel",
            "webhook-id": event.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(event.event_id, now, content),
        }
        status = asyncio.run(self._post(content, headers))
        if status == httpx.codes.GONE:
            raise ReceiverGone(f"{self.name} answered 410: it no longer accepts messages")
        if not httpx.codes.is_success(status):
            raise NotDelivered(f"{self.name} answered {status}")

    async def _post(self, content: str, headers: dict[str, str]) -> int:
        """The response's status; its body is not waited for."""
        url = self._address.get_secret_value()
        try:
            # The client's own limits are per read: a response that trickles in would never exceed them.
            async with (
                asyncio.timeout(_ANSWER_SECONDS),
                httpx.AsyncClient(timeout=None) as client,  # noqa: S113
                client.stream("POST", url, content=content, headers=headers) as answer,
            ):
                return answer.status_code
        except TimeoutError:
            raise NotDelivered(f"{self.name} did not answer within {_ANSWER_SECONDS:.0f} s") from None
        except httpx.HTTPError as error:
            raise NotDelivered(f"{self.name} did not answer ({type(error).__name__})") from None


def body(event: Event, web_url: str = "") -> str:
    """The JSON that is sent, byte for byte the same in every try."""
    data = dict(event.payload)
    if "content_id" in data:
        data["page"] = title_page(event, web_url)
    content = {"type": TYPES[event.kind], "timestamp": event.occurred_at.isoformat(), "data": data}
    return json.dumps(content, ensure_ascii=False)


def signer(secret: SecretStr) -> Signer:
    """Raises ConfigurationError when the secret is missing, or not in the format of Standard Webhooks."""
    text = secret.get_secret_value()
    if not text:
        raise ConfigurationError(
            "NIGHTREEL_WEBHOOK_SECRET is not set, and webhooks are only sent signed: "
            "make one with echo whsec_$(openssl rand -base64 32)"
        )
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in _SECRET_BYTES:
        raise ConfigurationError("NIGHTREEL_WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64")
    return Signer(key)
