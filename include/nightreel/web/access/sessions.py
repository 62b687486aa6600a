"""Sessions of browsers: a signed token (JWT, RFC 7519) that names the API key it was opened with."""

from datetime import UTC, datetime, timedelta

import jwt
from pydantic import SecretStr

from nightreel.errors import ConfigurationError

COOKIE = "nightreel_session"
SESSION_LIFE = timedelta(hours=12)

_ALGORITHM = "HS256"
# No title's token has it: those have a slash.
_AUDIENCE = "nightreel-session"
_SECRET_BYTES = 32


def signing_secret(secret: SecretStr) -> str:
    """NIGHTREEL_TOKEN_SECRET. Raises ConfigurationError when it is missing or short (RFC 7518, 3.2)."""
    value = secret.get_secret_value()
    if len(value.encode()) < _SECRET_BYTES:
        raise ConfigurationError(
            f"NIGHTREEL_TOKEN_SECRET must be set to at least {_SECRET_BYTES} characters, "
            "as `openssl rand -hex 32` makes them: it signs sessions and the tokens of players"
        )
    return value


def open_session(secret: SecretStr, key_id: str) -> str:
    """A token for the cookie, good for SESSION_LIFE. Raises ConfigurationError."""
    now = datetime.now(UTC)
    claims = {"sub": key_id, "aud": _AUDIENCE, "iat": now, "exp": now + SESSION_LIFE}
    return jwt.encode(claims, signing_secret(secret), _ALGORITHM)


def session_key_id(secret: SecretStr, token: str) -> str | None:
    """The id of the key that opened the session; None when it is over, or was never ours."""
    try:
        claims = jwt.decode(
            token,
            signing_secret(secret),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "iat"]},
        )
    except jwt.InvalidTokenError:
        return None
    return str(claims["sub"])
