"""API keys: `nr_<key id>_<secret>`, stored as a digest."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from nightreel.catalog.connection import Connect, Row, transaction
from nightreel.catalog.records import ApiKey
from nightreel.errors import ConfigurationError

_KEY_ID_BYTES = 6
_SECRET_BYTES = 32
_KEY = re.compile(r"nr_(?P<key_id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")

_ADD = """
    INSERT INTO nightreel.api_keys (key_id, name, secret_sha256, scopes, expires_at)
    VALUES (%s, %s, %s, %s, now() + %s)
    RETURNING *
"""
_IN_FORCE = """
    SELECT * FROM nightreel.api_keys
    WHERE key_id = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
_ALL_IN_FORCE = """
    SELECT key_id, secret_sha256 FROM nightreel.api_keys
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
# Once a minute, because otherwise every request would write.
_USED = """
    UPDATE nightreel.api_keys SET last_used_at = now()
    WHERE key_id = %s AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
_REVOKE = "UPDATE nightreel.api_keys SET revoked_at = now() WHERE key_id = %s AND revoked_at IS NULL"


class ApiKeys:
    """The keys that the catalog remembers. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def make(self, name: str, scopes: Sequence[str], life: timedelta | None = None) -> tuple[ApiKey, str]:
        """A new key, and its text, which is never shown again. Raises ConfigurationError for a bad name."""
        if not name.strip() or not _NAME.fullmatch(name):
            raise ConfigurationError("a key's name is one line of at most 100 characters")
        key_id, secret = secrets.token_hex(_KEY_ID_BYTES), secrets.token_hex(_SECRET_BYTES)
        with transaction(self._connect) as cursor:
            cursor.execute(_ADD, (key_id, name, _digest(secret), list(dict.fromkeys(scopes)), life))
            (row,) = cursor.fetchall()
        return api_key_of(row), f"nr_{key_id}_{secret}"

    def find(self, text: str) -> ApiKey | None:
        """The valid key with this text; the look-up counts as a use of it."""
        parts = _KEY.fullmatch(text)
        if parts is None:
            return None
        with transaction(self._connect) as cursor:
            cursor.execute(_IN_FORCE, (parts["key_id"],))
            row = cursor.fetchone()
            if row is None or not compare_digest(row["secret_sha256"], _digest(parts["secret"])):
                return None
            cursor.execute(_USED, (row["key_id"],))
        return api_key_of(row)

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of all valid keys."""
        with transaction(self._connect) as cursor:
            cursor.execute(_ALL_IN_FORCE)
            return frozenset(f"{row['key_id']} {row['secret_sha256']}" for row in cursor.fetchall())

    def every(self) -> list[ApiKey]:
        """All keys, including revoked and expired ones, oldest first."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT * FROM nightreel.api_keys ORDER BY created_at, key_id")
            return [api_key_of(row) for row in cursor.fetchall()]

    def revoke(self, key_id: str) -> bool:
        """Revokes the key with this id; False when there is none, or it was revoked already."""
        with transaction(self._connect) as cursor:
            cursor.execute(_REVOKE, (key_id,))
            return bool(cursor.rowcount)


def fingerprint(text: str) -> str | None:
    """The digest stored for the key with this text; None if the text is not a key."""
    parts = _KEY.fullmatch(text)
    return f"{parts['key_id']} {_digest(parts['secret'])}" if parts else None


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def api_key_of(row: Row) -> ApiKey:
    """The record of a row of `nightreel.api_keys`."""
    return ApiKey(
        key_id=row["key_id"],
        name=row["name"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
