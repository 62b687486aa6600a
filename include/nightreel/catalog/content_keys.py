"""The content keys: one for each timeline that is encrypted, stored under the key secret.

Tracks that several releases share have one key: that of the timeline that they belong to.
"""

import secrets
import uuid

from psycopg2.extras import execute_values
from pydantic import SecretStr

from nightreel.catalog.connection import Connect, Cursor, Row, transaction
from nightreel.catalog.leases import hold
from nightreel.catalog.records import Claim
from nightreel.encryption import KeyRing
from nightreel.vocabulary.protection import ContentKey, Scheme
from nightreel.vocabulary.title import Title

_KEY_BYTES = 16

_ADD = """
    INSERT INTO nightreel.content_keys
        (key_id, content_type, content_id, timeline, scheme, encrypted_key, encrypted_iv)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_OF_TIMELINE = """
    SELECT key_id::text AS key_id, encrypted_key, encrypted_iv FROM nightreel.content_keys
    WHERE content_type = %s AND content_id = %s AND timeline = %s
"""
_BY_ID = """
    SELECT key_id::text AS key_id, encrypted_key, encrypted_iv, content_type, content_id
    FROM nightreel.content_keys WHERE key_id = %s
"""
_EVERY = """
    SELECT key_id::text AS key_id, encrypted_key, encrypted_iv FROM nightreel.content_keys
    ORDER BY key_id FOR UPDATE
"""
_CHANGE = """
    UPDATE nightreel.content_keys k
    SET encrypted_key = v.encrypted_key, encrypted_iv = v.encrypted_iv
    FROM (VALUES %s) AS v(key_id, encrypted_key, encrypted_iv) WHERE k.key_id = v.key_id::uuid
"""
# A key is in use as long as a release of its timeline is being made, or announced and not deleted.
_DELETE_UNUSED = """
    DELETE FROM nightreel.content_keys k
    WHERE NOT EXISTS (
        SELECT FROM nightreel.releases r
        WHERE r.content_type = k.content_type AND r.content_id = k.content_id AND r.timeline = k.timeline
          AND r.deleted_at IS NULL
    ) AND NOT EXISTS (
        SELECT FROM nightreel.conversions c
        WHERE c.content_type = k.content_type AND c.content_id = k.content_id
          AND c.claimed_release = k.timeline
    )
    RETURNING content_type, content_id, timeline
"""


class ContentKeys:
    """The keys of the catalog, and the secret that they are stored under.

    Each method is one transaction. Each but `delete_unused` raises ConfigurationError when the
    secret is missing or another one, where there is a key to be read or made.
    """

    def __init__(self, connect: Connect, secret: SecretStr) -> None:
        self._connect = connect
        self._secret = secret

    def make(self, claim: Claim, scheme: Scheme, timeline: str = "") -> ContentKey:
        """The key of a timeline, or of the one that the claim begins: a new one, or that of before.

        Raises ClaimLost, and UnknownSecret when the earlier try had another secret.
        """
        ring = KeyRing.of(self._secret)
        timeline = timeline or claim.release
        with transaction(self._connect) as cursor:
            hold(cursor, claim)
            if made := _row_of(cursor, claim.title, timeline):
                return _key(ring, made)
            key = ContentKey(uuid.uuid4(), secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_KEY_BYTES))
            values = (
                str(key.key_id),
                claim.title.content_type,
                claim.title.content_id,
                timeline,
                scheme,
                ring.encrypt(key.key),
                ring.encrypt(key.iv),
            )
            cursor.execute(_ADD, values)
        return key

    def find(self, title: Title, timeline: str) -> ContentKey | None:
        """The key of a timeline; None when it is in the clear; finding that out needs no secret."""
        with transaction(self._connect) as cursor:
            row = _row_of(cursor, title, timeline)
        return None if row is None else _key(KeyRing.of(self._secret), row)

    def find_by_id(self, key_id: uuid.UUID) -> tuple[Title, ContentKey] | None:
        """The key of this id, and the title whose key it is."""
        with transaction(self._connect) as cursor:
            cursor.execute(_BY_ID, (str(key_id),))
            row = cursor.fetchone()
        if row is None:
            return None
        return Title(row["content_type"], row["content_id"]), _key(KeyRing.of(self._secret), row)

    def rotate(self) -> int:
        """Encrypts every key with the first of the secrets, and returns how many there are.

        Raises UnknownSecret, and changes nothing, when one cannot be decrypted.
        """
        ring = KeyRing.of(self._secret)
        with transaction(self._connect) as cursor:
            cursor.execute(_EVERY)
            rotated = [
                (row["key_id"], ring.rotate(row["encrypted_key"]), ring.rotate(row["encrypted_iv"]))
                for row in cursor.fetchall()
            ]
            if rotated:
                execute_values(cursor, _CHANGE, rotated)
        return len(rotated)

    def delete_unused(self) -> list[tuple[Title, str]]:
        """Deletes the keys of timelines that no release has any more, and returns those timelines."""
        with transaction(self._connect) as cursor:
            cursor.execute(_DELETE_UNUSED)
            return [
                (Title(row["content_type"], row["content_id"]), row["timeline"]) for row in cursor.fetchall()
            ]


def _row_of(cursor: Cursor, title: Title, timeline: str) -> Row | None:
    cursor.execute(_OF_TIMELINE, (title.content_type, title.content_id, timeline))
    return cursor.fetchone()


def _key(ring: KeyRing, row: Row) -> ContentKey:
    return ContentKey(
        uuid.UUID(row["key_id"]), ring.decrypt(row["encrypted_key"]), ring.decrypt(row["encrypted_iv"])
    )
