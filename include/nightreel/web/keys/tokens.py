"""Tokens that give players the key of a title: JWTs (RFC 7519), signed with HS256.

The platform's backend shares the secret, and issues tokens to those who may watch: `aud` is the title
(`movie/7`), `iat` and `exp` are required, and the time between them is the token's life, at most
NIGHTREEL_TOKEN_SECONDS.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings
from nightreel.vocabulary.title import Title
from nightreel.web.signing import signing_secret

_ALGORITHM = "HS256"
_LEEWAY_SECONDS = 10
"""How much the clocks of the backend and of this machine may differ."""


class InvalidToken(Exception):
    """The token is invalid; the message says why, in a sentence for whoever issued it."""


def issue(settings: Settings, title: Title, seconds: int | None = None) -> str:
    """A token for the title's key, valid for this many seconds, or for as long as allowed.

    Raises ConfigurationError when that is longer than NIGHTREEL_TOKEN_SECONDS, or no secret is set.
    """
    life = settings.token_seconds if seconds is None else seconds
    if not 0 < life <= settings.token_seconds:
        raise ConfigurationError(
            f"a token lives for 1 to {settings.token_seconds} seconds (NIGHTREEL_TOKEN_SECONDS)"
        )
    now = datetime.now(UTC)
    audience = f"{title.content_type}/{title.content_id}"
    claims = {"aud": audience, "iat": now, "exp": now + timedelta(seconds=life)}
    return jwt.encode(claims, signing_secret(settings.token_secret), _ALGORITHM)


def title_of(settings: Settings, token: str) -> Title:
    """The title whose key the token gives. Raises InvalidToken; ConfigurationError without a secret."""
    claims = _claims(settings, token)
    life = _number(claims["exp"]) - _number(claims["iat"])
    # The issuer reads its clock twice, and a second may begin in between.
    if not 0 < life <= settings.token_seconds + 1:
        raise InvalidToken(f"A token may live for 1 to {settings.token_seconds} seconds.")
    try:
        content_type, content_id = str(claims["aud"]).split("/")
        return Title(content_type, content_id)
    except (ValueError, ConfigurationError):
        raise InvalidToken("The token's audience is not a title, such as movie/7.") from None


def _claims(settings: Settings, token: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            signing_secret(settings.token_secret),
            algorithms=[_ALGORITHM],
            leeway=_LEEWAY_SECONDS,
            # Whether it is the right title is known once the key is found.
            options={"require": ["aud", "iat", "exp"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise InvalidToken("The token has expired.") from None
    except jwt.MissingRequiredClaimError as error:
        raise InvalidToken(f"The token has no {error.claim!r}.") from None
    except jwt.InvalidTokenError:
        raise InvalidToken("This token was not issued by this installation.") from None


def _number(claim: object) -> float:
    return float(claim) if isinstance(claim, int | float) else 0.0
