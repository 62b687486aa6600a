"""Tickets for players: a signed token (JWT, RFC 7519) that admits to one source's stream for a while.

Players send no headers, so the ticket is part of their URL.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import jwt

from nightreel.settings import Settings
from nightreel.web.signing import signing_secret

_ALGORITHM = "HS256"
_AUDIENCE = "stream"


def issue_ticket(settings: Settings, url: str) -> str | None:
    """A ticket for the source at this URL, valid for NIGHTREEL_TOKEN_SECONDS; None if no secret is set.

    Raises ConfigurationError when NIGHTREEL_TOKEN_SECRET is too short.
    """
    if not settings.token_secret.get_secret_value():
        return None
    now = datetime.now(UTC)
    life = timedelta(seconds=settings.token_seconds)
    claims = {"aud": _AUDIENCE, "sub": _subject(url), "iat": now, "exp": now + life}
    return jwt.encode(claims, signing_secret(settings.token_secret), _ALGORITHM)


def admits(settings: Settings, ticket: str, url: str) -> bool:
    """Whether the ticket is one of ours for the source at this URL, and still valid."""
    if not settings.token_secret.get_secret_value():
        return False
    try:
        claims = jwt.decode(
            ticket,
            signing_secret(settings.token_secret),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "iat", "exp"]},
        )
    except jwt.InvalidTokenError:
        return False
    # The clock is read twice, and a second may begin in between.
    lives_long = int(claims["exp"]) - int(claims["iat"]) > settings.token_seconds + 1
    return bool(claims["sub"] == _subject(url)) and not lives_long


def _subject(url: str) -> str:
    return sha256(url.encode(errors="replace")).hexdigest()
