"""Sessions of browsers: a signed token (JWT, RFC 7519) that names the API key it was opened with.

Nightreel creates the key that signs them and keeps it in its catalog, which all web apps share: nobody
has to configure anything. It has nothing to do with NIGHTREEL_TOKEN_SECRET, which the platform's backend
knows. The signature exposes a forged cookie without asking the catalog, but is not enough: the token's
number must also be that of an open session in the catalog. So whoever can only read the catalog can sign,
but not open a session.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from nightreel.catalog.sessions import SESSION_LIFE, Sessions

COOKIE = "nightreel_session"

_ALGORITHM = "HS256"
# Titles' tokens never have it, because theirs contains a slash.
_AUDIENCE = "nightreel-session"
_LEEWAY = timedelta(seconds=10)
"""How much the clocks of two web apps may differ."""


def open_session(sessions: Sessions, key_id: str) -> str:
    """A token for the cookie, valid for SESSION_LIFE. Raises CatalogUnavailable."""
    now = datetime.now(UTC)
    claims = {
        "sub": key_id,
        "sid": sessions.open(key_id),
        "aud": _AUDIENCE,
        "iat": now,
        "exp": now + SESSION_LIFE,
    }
    return jwt.encode(claims, sessions.signing_key(), _ALGORITHM)


def session_and_key(signing_key: str, token: str) -> tuple[str, str] | None:
    """The signed session number and key id; None if the session is over, or was never ours."""
    try:
        claims = jwt.decode(
            token,
            signing_key,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            leeway=_LEEWAY,
            options={"require": ["sub", "sid", "exp", "iat"]},
        )
    except jwt.InvalidTokenError:
        return None
    if not isinstance(claims["sid"], str) or _is_over(claims):
        return None
    return claims["sid"], str(claims["sub"])


def _is_over(claims: dict[str, Any]) -> bool:
    """Judged by its age: the expiry in the token is not enough."""
    opened, life = datetime.fromtimestamp(int(claims["iat"]), UTC), int(claims["exp"]) - int(claims["iat"])
    return datetime.now(UTC) - opened >= SESSION_LIFE + _LEEWAY or life > SESSION_LIFE.total_seconds() + 1
