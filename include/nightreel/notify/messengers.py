"""Mail, chats and telephones, through Apprise."""

import logging
import re
from urllib.parse import unquote

from apprise import Apprise, AppriseResult, NotifyFormat, NotifyType
from pydantic import SecretStr

from nightreel.catalog import Event
from nightreel.errors import ConfigurationError
from nightreel.notify.receiver import NotDelivered, Receiver
from nightreel.notify.sentences import message

_ANSWER_SECONDS = 30.0
_SHORTEST_SECRET = 4

# Both log addresses; Apprise's reason for a failure is taken from its result.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class Messenger(Receiver):
    """An Apprise URL, whose owner gets a message."""

    def __init__(self, url: SecretStr, web_url: str = "") -> None:
        """Raises ConfigurationError when Apprise does not know the URL. The message does not quote it."""
        super().__init__(url)
        text = url.get_secret_value()
        scheme, separator, _ = text.partition("://")
        self._apprise = Apprise()
        self._web_url = web_url
        self.name = f"{scheme}://…" if separator else "…"
        if not self._apprise.add(text):
            raise ConfigurationError(
                f"NIGHTREEL_APPRISE_URLS: Apprise does not understand the address {self.name}"
            )

    def send(self, event: Event) -> None:
        """Raises NotDelivered when the service did not accept it."""
        told = message(event, self._web_url)
        result = self._apprise.notify(
            title=told.heading,
            body=told.text,
            notify_type=NotifyType(told.mood),
            body_format=NotifyFormat.TEXT,
            timeout=_ANSWER_SECONDS,
        )
        if not result:
            raise NotDelivered(f"{self.name} did not accept it: {self._complaint(result)}")

    def _complaint(self, result: AppriseResult) -> str:
        said = " ".join(entry.message for entry in result.logs()) or result.status.name.lower()
        for secret in secrets_in(self._address.get_secret_value()):
            said = said.replace(secret, "…")
        return said


def secrets_in(url: str) -> list[str]:
    """Every part of an address that may be a secret, the longest first: all but the scheme."""
    written = {part for part in re.split(r"[/:@?&=#,]+", url.partition("://")[2]) if part}
    parts = written | {unquote(part) for part in written}
    return sorted((part for part in parts if len(part) >= _SHORTEST_SECRET), key=len, reverse=True)
