"""People are told in a sentence, by whatever Apprise knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from nightreel.catalog import Catalog
from nightreel.notify.deliver import NotificationsFailed, deliver_pending
from nightreel.notify.messengers import Messenger, secrets_in
from nightreel.notify.receiver import NotDelivered
from tests.notify.conftest import Happen, Told
from tests.notify.listener import PATH, Listener
from tests.notify.sending import EVENT, error_of_sending


def test_a_person_is_told_which_title_was_refused_why_and_where_to_look(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("quarantined", 7)
    deliver_pending(
        catalog,
        settings_for(apprise_urls=listener.apprise_url, web_url="https://reel.example"),
    )
    (message,) = listener.messages
    assert message["title"] == "Quarantined: Movie 7"
    assert message["message"] == ("movie 7: There is no picture in it.\nhttps://reel.example/titles/movie/7")
    assert message["type"] == "warning"


def test_what_a_person_was_not_told_is_told_again(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    settings = settings_for(apprise_urls=listener.apprise_url)
    listener.answers = [500]
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings)
    assert deliver_pending(catalog, settings).delivered == 1
    assert listener.messages[0] == listener.messages[1]


def test_a_webhook_and_a_person_are_told_the_same_event(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener, other: Listener
) -> None:
    happen("failed")
    assert deliver_pending(catalog, settings_for(listener, apprise_urls=other.apprise_url)).delivered == 2
    assert listener.types == ["title.failed"]
    assert other.messages[0]["title"] == "Failed: Movie 1"


@pytest.mark.parametrize("answer", [204, 500])
def test_the_address_is_in_no_error_and_in_no_log(
    listener: Listener, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], answer: int
) -> None:
    listener.answers = [answer]
    said = error_of_sending(Messenger(SecretStr(listener.apprise_url)), caplog)
    assert listener.requests
    assert bool(said) is (answer == 500)
    written = said + caplog.text + "".join(capfd.readouterr())
    assert PATH.rpartition("/")[2] not in written


def test_an_error_says_what_apprise_had_to_say(listener: Listener) -> None:
    listener.answers = [401]
    with pytest.raises(NotDelivered, match=r"^json://… did not accept it: .*401"):
        Messenger(SecretStr(listener.apprise_url)).send(EVENT)


@given(st.text("abcdefgh0123", min_size=4), st.text("ijklmnop4567", min_size=4))
def test_every_part_of_an_address_counts_as_secret(user: str, password: str) -> None:
    assert {user, password} <= set(secrets_in(f"mailto://{user}:{password}@example.com?key={password}"))
