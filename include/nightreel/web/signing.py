"""The secret that signs players' tokens. The platform's backend shares it."""

from pydantic import SecretStr

from nightreel.errors import ConfigurationError

_SECRET_BYTES = 32


def signing_secret(secret: SecretStr) -> str:
    """NIGHTREEL_TOKEN_SECRET. Raises ConfigurationError when it is missing or short (RFC 7518, 3.2)."""
    value = secret.get_secret_value()
    if len(value.encode()) < _SECRET_BYTES:
        raise ConfigurationError(
            f"NIGHTREEL_TOKEN_SECRET must be set to at least {_SECRET_BYTES} characters, "
            "as `openssl rand -hex 32` makes them: it signs the tokens of players"
        )
    return value
