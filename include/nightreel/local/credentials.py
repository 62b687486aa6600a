"""The secrets of one embedded stack, generated once and kept beside its data."""

import base64
import json
import secrets
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from nightreel.errors import ConfigurationError
from nightreel.local.home import Home, write_private

ADMIN = "admin"
VIEWER = "viewer"
"""This user may see everything in Airflow, and start nothing."""


class Credentials(BaseModel):
    """Secrets; never printed, except the admin password, which a person needs to log in."""

    model_config = ConfigDict(frozen=True)

    fernet_key: str
    jwt_secret: str
    api_secret_key: str
    s3_access_key: str
    s3_secret_key: str
    admin_password: str
    viewer_password: str
    key_secret: str
    """Encrypts the content keys in the catalog."""
    token_secret: str
    """Signs the tokens of players and sessions."""

    @classmethod
    def generate(cls) -> "Credentials":
        """New random credentials."""
        return cls(
            fernet_key=_fernet_key(),
            # HS512 wants a key of at least 64 bytes (RFC 7518, section 3.2).
            jwt_secret=secrets.token_urlsafe(64),
            api_secret_key=secrets.token_urlsafe(32),
            s3_access_key=secrets.token_hex(10).upper(),
            s3_secret_key=secrets.token_urlsafe(30),
            admin_password=secrets.token_urlsafe(12),
            viewer_password=secrets.token_urlsafe(12),
            key_secret=_fernet_key(),
            token_secret=secrets.token_hex(32),
        )

    def __repr__(self) -> str:
        return "Credentials(…)"

    __str__ = __repr__


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def credentials(home: Home) -> Credentials:
    """The stack's secrets, generated at the first call; existing ones are kept for good.

    They cannot be regenerated while data exists, because the connections stored in Airflow are encrypted
    with the Fernet key. A stack of an earlier version gets the ones that it lacks. Raises
    ConfigurationError if the file is damaged.
    """
    known = _read(home) if home.credentials.exists() else {}
    try:
        complete = Credentials.model_validate({**Credentials.generate().model_dump(), **known})
    except ValidationError:
        raise _damaged(home) from None
    if known != complete.model_dump():
        write_private(home.credentials, complete.model_dump_json(indent=2))
    return complete


def _read(home: Home) -> dict[str, Any]:
    try:
        known = json.loads(home.credentials.read_text())
    except ValueError:
        raise _damaged(home) from None
    # Every version had the first one: without it, this is another kind of file.
    if not isinstance(known, dict) or "fernet_key" not in known:
        raise _damaged(home)
    return known


def _damaged(home: Home) -> ConfigurationError:
    return ConfigurationError(
        f"{home.credentials} is damaged: restore it, or remove {home.root} to start afresh"
    )
