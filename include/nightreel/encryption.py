"""Encryption as the settings ask for it: which secrets encrypt stored keys, and where players get keys."""

import re
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings
from nightreel.vocabulary.protection import ContentKey, Protection

_KEY_ID = "{key_id}"
# Allowed in a quoted string of a playlist (RFC 8216, 4.2), without blanks.
_URI = re.compile(r'[^"\s]+')
_HOW_TO_MAKE_ONE = "openssl rand -base64 32 | tr '+/' '-_'"


class KeyRing:
    """The keys of NIGHTREEL_KEY_SECRET: the first one encrypts, all of them decrypt."""

    def __init__(self, fernet: MultiFernet) -> None:
        self._fernet = fernet

    @classmethod
    def of(cls, secret: SecretStr) -> Self:
        """Raises ConfigurationError when it is missing or malformed. The message never quotes the secret."""
        keys = [key.strip() for key in secret.get_secret_value().split(",") if key.strip()]
        if not keys:
            raise ConfigurationError(
                "NIGHTREEL_KEY_SECRET is not set, and content keys are stored encrypted with it: "
                f"set it to the output of {_HOW_TO_MAKE_ONE}"
            )
        try:
            return cls(MultiFernet([Fernet(key) for key in keys]))
        except ValueError:
            raise ConfigurationError(
                "NIGHTREEL_KEY_SECRET must be Fernet keys, comma-separated: each is 32 bytes in URL-safe "
                f"base64, as {_HOW_TO_MAKE_ONE} makes them"
            ) from None

    def encrypt(self, content: bytes) -> str:
        """A Fernet token, encrypted with the newest secret."""
        return self._fernet.encrypt(content).decode("ascii")

    def decrypt(self, token: str) -> bytes:
        """Raises UnknownSecret."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise UnknownSecret from None

    def rotate(self, token: str) -> str:
        """The same content, encrypted with the first key. Raises UnknownSecret."""
        try:
            return self._fernet.rotate(token).decode("ascii")
        except InvalidToken:
            raise UnknownSecret from None


class UnknownSecret(ConfigurationError):
    """A content key was stored under a secret that the settings no longer have."""

    def __init__(self) -> None:
        super().__init__(
            "NIGHTREEL_KEY_SECRET does not decrypt what the catalog holds: "
            "add the secret that it was encrypted with, after a comma"
        )


def require_encryption(options: Settings) -> None:
    """Raises ConfigurationError unless titles can be encrypted with these settings."""
    KeyRing.of(options.key_secret)
    _require_address("NIGHTREEL_KEY_URI", options.key_uri, "https://api.example.com/keys/{key_id}")
    if "fairplay" in options.protection_systems:
        _require_address("NIGHTREEL_FAIRPLAY_KEY_URI", options.fairplay_key_uri, "skd://{key_id}")


def protection_for(key: ContentKey, options: Settings) -> Protection:
    """What players are told about a key."""
    return Protection(
        key=key,
        key_uri=_filled_in(options.key_uri, key),
        license_url=options.clearkey_license_url,
        systems=options.protection_systems,
        fairplay_uri=_filled_in(options.fairplay_key_uri, key),
    )


def _require_address(variable: str, uri: str, example: str) -> None:
    if not uri:
        raise ConfigurationError(
            f"{variable} is not set, and players must be told where they get a key: for example {example}"
        )
    if _KEY_ID not in uri:
        raise ConfigurationError(f"{variable} must contain {_KEY_ID}, or all titles share one key: {example}")
    if not _URI.fullmatch(uri):
        raise ConfigurationError(f"{variable} must not contain a blank or a quotation mark")


def _filled_in(uri: str, key: ContentKey) -> str:
    return uri.replace(_KEY_ID, str(key.key_id))
