"""The receivers that the settings name."""

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings

if TYPE_CHECKING:
    from nightreel.notify.receiver import Receiver

# An Apprise address may contain commas: mailto://…?to=a@example.com,b@example.com
_BETWEEN_ADDRESSES = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)")


def any_receivers(settings: Settings) -> bool:
    """Whether there are any receivers; costs nothing."""
    return bool(settings.webhook_urls.get_secret_value() or settings.apprise_urls.get_secret_value())


def receivers_of(settings: Settings) -> "list[Receiver]":
    """Raises ConfigurationError when one of them is wrong. The message quotes no address."""
    return [*_webhooks(settings), *_messengers(settings)]


def _webhooks(settings: Settings) -> "list[Receiver]":
    urls = [url.strip() for url in settings.webhook_urls.get_secret_value().split(",") if url.strip()]
    if not urls:
        return []
    from nightreel.notify.webhooks import Webhook, signer

    wrong = [str(number) for number, url in enumerate(urls, start=1) if not _is_web_url(url)]
    if wrong:
        raise ConfigurationError(
            f"NIGHTREEL_WEBHOOK_URLS: no. {', '.join(wrong)} is not a URL that begins with https:// or http://"
        )
    signs = signer(settings.webhook_secret)
    return [Webhook(SecretStr(url), signs, settings.web_url) for url in urls]


def _is_web_url(text: str) -> bool:
    import httpx

    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("https", "http") and bool(url.host)


def _messengers(settings: Settings) -> "list[Receiver]":
    text = settings.apprise_urls.get_secret_value()
    if not text.strip(" ,"):
        return []
    from nightreel.notify.messengers import Messenger

    return [Messenger(SecretStr(url), settings.web_url) for url in _BETWEEN_ADDRESSES.split(text.strip(" ,"))]
