"""The secrets of one embedded stack, generated once and kept beside its data."""

import base64
import secrets

from pydantic import BaseModel, ConfigDict, ValidationError

from nightreel.errors import ConfigurationError
from nightreel.local.home import Home, write_private

ADMIN = "admin"


class Credentials(BaseModel):
    """Secrets; never printed but for the admin password, which a person needs to log in."""

    model_config = ConfigDict(frozen=True)

    fernet_key: str
    jwt_secret: str
    api_secret_key: str
    s3_access_key: str
    s3_secret_key: str
    admin_password: str
    key_secret: str = ""
    """Under which the catalog keeps content keys; empty in a stack that was made before there were any."""

    @classmethod
    def generate(cls) -> "Credentials":
        return cls(
            fernet_key=_fernet_key(),
            # HS512 wants a key of at least 64 bytes (RFC 7518, section 3.2).
            jwt_secret=secrets.token_urlsafe(64),
            api_secret_key=secrets.token_urlsafe(32),
            s3_access_key=secrets.token_hex(10).upper(),
            s3_secret_key=secrets.token_urlsafe(30),
            admin_password=secrets.token_urlsafe(12),
            key_secret=_fernet_key(),
        )

    def __repr__(self) -> str:
        return "Credentials(…)"

    __str__ = __repr__


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def credentials(home: Home) -> Credentials:
    """The stack's secrets, generated at the first call.

    They cannot be made anew while data exists: connections stored in Airflow are
    encrypted with the Fernet key. Raises ConfigurationError if the file is damaged.
    """
    if not home.credentials.exists():
        fresh = Credentials.generate()
        write_private(home.credentials, fresh.model_dump_json(indent=2))
        return fresh
    try:
        return Credentials.model_validate_json(home.credentials.read_text())
    except ValidationError:
        raise ConfigurationError(
            f"{home.credentials} is damaged: restore it, or remove {home.root} to start from nothing"
        ) from None
