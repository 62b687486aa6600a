"""What makes a token good: who signed it, for which title, and for how long."""

import time
from secrets import token_hex
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings
from nightreel.vocabulary.title import Title
from nightreel.web.keys.tokens import InvalidToken, issue, title_of

SECRET = token_hex(32)
SETTINGS = load_settings(token_secret=SECRET, token_seconds=300)
TITLE = Title("movie", "7")


def token(
    secret: str | None = SECRET,
    algorithm: str = "HS256",
    iat: float | None = 0,
    exp: float | None = 300,
    **claims: object,
) -> str:
    """As a platform's backend makes one, but for what is given; times in seconds from now."""
    dates = {"iat": iat, "exp": exp, "nbf": claims.pop("nbf", None)}
    given = {"aud": "movie/7", **claims}
    given |= {name: time.time() + after for name, after in dates.items() if isinstance(after, int)}
    return jwt.encode({name: value for name, value in given.items() if value is not None}, secret, algorithm)


def test_a_token_that_was_issued_is_good_for_its_title() -> None:
    assert title_of(SETTINGS, issue(SETTINGS, TITLE)) == TITLE
    assert title_of(SETTINGS, issue(SETTINGS, TITLE, 1)) == TITLE


def test_a_token_of_a_backend_that_shares_the_secret_is_good() -> None:
    assert title_of(SETTINGS, token(sub="viewer 42")) == TITLE


def test_clocks_may_differ_a_little() -> None:
    assert title_of(SETTINGS, token(iat=5)) == TITLE
    assert title_of(SETTINGS, token(iat=-300, exp=-5)) == TITLE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": -20, "iat": -40}, "expired"),
        ({"exp": None}, "'exp'"),
        ({"iat": None}, "'iat'"),
        ({"aud": None}, "'aud'"),
        ({"exp": 310}, "1 to 300 seconds"),
        ({"exp": 86_400}, "1 to 300 seconds"),
        ({"iat": 5, "exp": 2}, "1 to 300 seconds"),
        ({"iat": 60}, "not issued by this installation"),
        ({"nbf": 60}, "not issued by this installation"),
        ({"aud": "movie"}, "not a title"),
        ({"aud": "movie/7/8"}, "not a title"),
        ({"aud": "movie/../8"}, "not a title"),
        ({"aud": ["movie/7"]}, "not a title"),
        ({"aud": 7}, "not a title"),
        ({"secret": "y" * 32}, "not issued by this installation"),
        ({"algorithm": "HS384"}, "not issued by this installation"),
        ({"algorithm": "none", "secret": None}, "not issued by this installation"),
    ],
)
def test_a_token_that_is_not_as_agreed_opens_nothing(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidToken, match=why):
        title_of(SETTINGS, token(**changes))


@pytest.mark.parametrize("date", ["x", "12", True, [], {}, 1e400, -1])
def test_a_date_that_is_none_opens_nothing(date: object) -> None:
    now = int(time.time())
    for claims in ({"iat": date, "exp": now + 300}, {"iat": now, "exp": date}):
        with pytest.raises(InvalidToken):
            title_of(SETTINGS, jwt.encode({"aud": "movie/7", **claims}, SECRET, "HS256"))


@given(st.text())
def test_no_text_that_was_not_signed_is_a_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        title_of(SETTINGS, text)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_token_that_was_changed_anywhere_is_no_token(place: int, change: int) -> None:
    good = issue(SETTINGS, TITLE)
    place %= len(good)
    changed = good[:place] + chr((ord(good[place]) ^ change) & 0x7F) + good[place + 1 :]
    if _content(changed) != _content(good):
        with pytest.raises(InvalidToken):
            title_of(SETTINGS, changed)


def _content(text: str) -> object:
    """The bytes that a token stands for: the last letter of base64 has bits that mean nothing."""
    try:
        return [jwt.utils.base64url_decode(part) for part in text.split(".")]
    except ValueError:
        return text


@pytest.mark.parametrize("seconds", [0, -1, 301])
def test_none_is_issued_for_longer_than_one_may_live(seconds: int) -> None:
    with pytest.raises(ConfigurationError, match="1 to 300 seconds"):
        issue(SETTINGS, TITLE, seconds)


@pytest.mark.parametrize("secret", ["", "short"])
def test_without_a_good_secret_there_are_no_tokens_and_it_is_not_quoted(secret: str) -> None:
    settings: Settings = load_settings(token_secret=secret)
    for use in (lambda: issue(settings, TITLE), lambda: title_of(settings, token())):
        with pytest.raises(ConfigurationError, match="NIGHTREEL_TOKEN_SECRET") as error:
            use()
        assert "short" not in str(error.value)
