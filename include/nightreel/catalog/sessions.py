"""The open sessions of browsers, and the key with which the web app signs them."""

import secrets
from datetime import timedelta
from hashlib import sha256

from nightreel.catalog.api_keys import api_key_of
from nightreel.catalog.connection import Connect, transaction
from nightreel.catalog.records import ApiKey

SESSION_LIFE = timedelta(hours=12)
"""Counted by the database's clock, which is the same for all web apps."""

_SECRET_BYTES = 32
_SESSION_BYTES = 32

# Another web app may create one at the same moment: both use the first.
_SIGNING_KEY = "SELECT secret FROM nightreel.session_signing_key"
_MAKE_SIGNING_KEY = "INSERT INTO nightreel.session_signing_key (secret) VALUES (%s) ON CONFLICT DO NOTHING"
_OPENED_BY = """
    SELECT k.* FROM nightreel.sessions s JOIN nightreel.api_keys k ON k.key_id = s.key_id
    WHERE s.session_sha256 = %s AND s.key_id = %s AND s.opened_at > now() - %s
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
"""


class Sessions:
    """The sessions. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def signing_key(self) -> str:
        """The key with which all web apps of this catalog sign sessions: 256 random bits, created once."""
        with transaction(self._connect) as cursor:
            cursor.execute(_SIGNING_KEY)
            if cursor.rowcount == 0:
                cursor.execute(_MAKE_SIGNING_KEY, (secrets.token_hex(_SECRET_BYTES),))
                cursor.execute(_SIGNING_KEY)
            (row,) = cursor.fetchall()
        return str(row["secret"])

    def open(self, key_id: str) -> str:
        """Opens a session for this key. Its number is returned only here. Forgets ended sessions."""
        session = secrets.token_hex(_SESSION_BYTES)
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.sessions WHERE opened_at <= now() - %s", (SESSION_LIFE,))
            cursor.execute(
                "INSERT INTO nightreel.sessions (session_sha256, key_id) VALUES (%s, %s)",
                (_digest(session), key_id),
            )
        return session

    def opened_by(self, session: str, key_id: str) -> ApiKey | None:
        """The key that opened the session; None if the session or its key is no longer valid."""
        with transaction(self._connect) as cursor:
            cursor.execute(_OPENED_BY, (_digest(session), key_id, SESSION_LIFE))
            row = cursor.fetchone()
        return None if row is None else api_key_of(row)

    def end(self, session: str) -> None:
        """Ends the session, for everyone who has its token; safe to repeat."""
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.sessions WHERE session_sha256 = %s", (_digest(session),))


def _digest(session: str) -> str:
    return sha256(session.encode()).hexdigest()
