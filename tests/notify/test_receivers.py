"""Who is told, as the settings say."""

from typing import Any

import pytest

from nightreel.errors import ConfigurationError
from nightreel.notify.receivers import receivers_of
from nightreel.settings import load_settings
from tests.notify.listener import SECRET

HOOKS = "https://a.example/one-secret-path, https://b.example:8443/two"
MAIL = "mailtos://me:hidden-word@example.com?to=a@example.com,b@example.com"


def names(**options: Any) -> list[str]:
    return [receiver.name for receiver in receivers_of(load_settings(**options))]


def test_every_address_is_a_receiver_and_is_named_without_what_is_secret_in_it() -> None:
    assert names(
        webhook_urls=HOOKS, webhook_secret=SECRET, apprise_urls=f"{MAIL}, json://user:pass@c.example/x"
    ) == ["https://a.example", "https://b.example:8443", "mailtos://…", "json://…"]


@pytest.mark.parametrize("nothing", ["", " ", ",", " , "])
def test_no_address_is_no_receiver(nothing: str) -> None:
    assert names(webhook_urls=nothing, apprise_urls=nothing) == []


def test_a_receiver_is_known_by_a_digest_of_its_address() -> None:
    one, two = receivers_of(load_settings(webhook_urls=HOOKS, webhook_secret=SECRET))
    (again,) = receivers_of(load_settings(webhook_urls="https://b.example:8443/two", webhook_secret=SECRET))
    assert one.id != two.id == again.id
    assert len(one.id) == 16
    assert int(one.id, 16)


@pytest.mark.parametrize(
    ("options", "variable"),
    [
        ({"webhook_urls": HOOKS}, "NIGHTREEL_WEBHOOK_SECRET"),
        ({"webhook_urls": HOOKS, "webhook_secret": "whsec_c2hvcnQ="}, "NIGHTREEL_WEBHOOK_SECRET"),
        ({"webhook_urls": HOOKS, "webhook_secret": "whsec_no base64!"}, "NIGHTREEL_WEBHOOK_SECRET"),
        ({"webhook_urls": "ftp://hidden.example", "webhook_secret": SECRET}, "NIGHTREEL_WEBHOOK_URLS"),
        ({"webhook_urls": "https://hidden:x/", "webhook_secret": SECRET}, "NIGHTREEL_WEBHOOK_URLS"),
        ({"webhook_urls": "https://", "webhook_secret": SECRET}, "NIGHTREEL_WEBHOOK_URLS"),
        ({"apprise_urls": "nonsense://hidden"}, "NIGHTREEL_APPRISE_URLS"),
        ({"apprise_urls": "hidden"}, "NIGHTREEL_APPRISE_URLS"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said_without_quoting_them(
    options: dict[str, Any], variable: str
) -> None:
    with pytest.raises(ConfigurationError, match=variable) as raised:
        names(**options)
    for secret in ("one-secret-path", "hidden", "c2hvcnQ"):
        assert secret not in str(raised.value)
