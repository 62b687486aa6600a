"""Keeps a claim, and proves that the run still owns it.

Every change of a claimed title names the claim's token. So a run can change nothing if its lease expired and
another run took the title.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from psycopg2 import sql

from nightreel.catalog.claims import claim_from
from nightreel.catalog.connection import Connect, Cursor, storable, storable_json, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.records import ROW_DELETED, Claim, HeldClaim
from nightreel.catalog.user_rows import fragments, id_array, not_found
from nightreel.errors import ClaimLost
from nightreel.vocabulary.title import Title

_ADOPT = """
    UPDATE nightreel.conversions
    SET owner = %(run_id)s, adopted_at = coalesce(adopted_at, now()),
        lease_expires_at = clock_timestamp() + %(lease)s, updated_at = now()
    WHERE content_type = %(content_type)s AND content_id = %(content_id)s AND claim_token = %(token)s
      AND (adopted_at IS NULL OR owner = %(run_id)s)
    RETURNING claim_token::text AS token, claimed_release AS release, owner, attempts,
              source_url, source_version, forced
"""


class Leases:
    """The claims in force, and what runs record under them. Each method is one transaction.

    Methods that take a claim raise ClaimLost once another run owns the title.
    """

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def adopt(self, title: Title, token: str, run_id: str, lease: timedelta) -> Claim:
        """Hands a claim from the run that made it to the run that does the work.

        The same run may adopt again. Raises ClaimLost when the token no longer owns the title or
        another run has adopted it, TitleNotFound when the user's row is gone.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                _ADOPT,
                {
                    "content_type": title.content_type,
                    "content_id": title.content_id,
                    "token": _token(title, token),
                    "run_id": run_id,
                    "lease": lease,
                },
            )
            row = cursor.fetchone()
            if row is None:
                _refuse_deleted(cursor, self._mapping, title, token)
                raise claim_lost(cursor, title)
            cursor.execute(
                "UPDATE nightreel.attempts SET owner = %s, adopted_at = coalesce(adopted_at, now())"
                " WHERE token = %s",
                (run_id, token),
            )
            table = self._mapping.table_of(title.content_type)
            cursor.execute(
                sql.SQL(
                    "SELECT {name} AS name, {encrypt} AS encrypt"
                    " FROM nightreel.conversions c, {relation} t WHERE c.claim_token = %s AND {id} = ANY(%s)"
                ).format(**fragments(table)),
                (token, id_array([title.content_id])),
            )
            user_row = cursor.fetchone()
            if user_row is None:
                raise not_found(title, table)
            return claim_from(title, row | user_row)

    def renew(self, claim: Claim | str, lease: timedelta) -> None:
        """Renews the lease of a claim, or of a claim's token.

        Raises ClaimLost, and TitleNotFound when the user's row is gone. It may have to wait for the run's
        own verdict; then nothing is left to renew, which is no error.
        """
        token = claim if isinstance(claim, str) else claim.token
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.conversions SET lease_expires_at = clock_timestamp() + %s"
                " WHERE claim_token = %s RETURNING content_type, content_id",
                (lease, token),
            )
            if (renewed := cursor.fetchone()) is not None:
                require_row(cursor, self._mapping, Title(renewed["content_type"], renewed["content_id"]))
                return
            cursor.execute(
                "SELECT content_type, content_id, outcome FROM nightreel.attempts WHERE token = %s", (token,)
            )
            attempt = cursor.fetchone()
            if attempt is None:
                raise ClaimLost(f"no claim was ever made with the token {token}")
            if attempt["outcome"] not in ("published", "unchanged"):
                title = Title(attempt["content_type"], attempt["content_id"])
                _refuse_deleted(cursor, self._mapping, title, token)
                raise claim_lost(cursor, title)

    def held(self) -> list[HeldClaim]:
        """All claims that have not ended, including expired ones."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT c.content_type, c.content_id, c.claim_token::text AS token, c.owner AS run_id,"
                " c.claimed_release AS release, c.claimed_at, c.adopted_at IS NOT NULL AS adopted, a.night"
                " FROM nightreel.conversions c JOIN nightreel.attempts a ON a.token = c.claim_token"
                " WHERE c.state = 'claimed' ORDER BY c.claimed_at, c.content_type, c.content_id"
            )
            return [
                HeldClaim(title=Title(row.pop("content_type"), row.pop("content_id")), **row)
                for row in cursor.fetchall()
            ]

    def record_source(
        self, claim: Claim, url: str, size: int, etag: str | None, fingerprint: str | None
    ) -> None:
        """Records where the source was fetched from, and what was received. `size` in bytes."""
        # source_url stays as claimed, because the user's row is compared with it.
        with transaction(self._connect) as cursor:
            hold(cursor, claim)
            cursor.execute(
                "UPDATE nightreel.conversions SET fetched_from = %s, source_bytes = %s, source_etag = %s,"
                " source_fingerprint = %s, updated_at = now() WHERE claim_token = %s",
                (storable(url), size, etag, fingerprint, claim.token),
            )

    def record_plan(self, claim: Claim, plan: object) -> None:
        """Stores the plan with the attempt."""
        with transaction(self._connect) as cursor:
            hold(cursor, claim)
            cursor.execute(
                "UPDATE nightreel.attempts SET plan = %s WHERE token = %s", (storable_json(plan), claim.token)
            )

    def record_timings(self, claim: Claim, timings: object) -> None:
        """Adds to the attempt's timings, also after its end: the last steps come after publishing."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.attempts SET timings = timings || %s::jsonb WHERE token = %s",
                (storable_json(timings), claim.token),
            )

    def warn(self, claim: Claim, sentences: Sequence[str]) -> None:
        """Adds the sentences that the title does not have yet: a retried step repeats its warnings."""
        with transaction(self._connect) as cursor:
            hold(cursor, claim)
            add_warnings(cursor, claim.title, sentences)


def require_row(cursor: Cursor, mapping: CatalogMapping, title: Title) -> None:
    """Raises TitleNotFound when the user's row is gone."""
    table = mapping.table_of(title.content_type)
    cursor.execute(
        sql.SQL("SELECT FROM {relation} t WHERE {id} = ANY(%s) AND {id_text} = %s").format(
            **fragments(table)
        ),
        (id_array([title.content_id]), title.content_id),
    )
    if cursor.fetchone() is None:
        raise not_found(title, table)


def hold(cursor: Cursor, claim: Claim) -> None:
    """Locks the title until the transaction ends. Raises ClaimLost unless the claim still owns it."""
    cursor.execute(
        "SELECT 1 FROM nightreel.conversions"
        " WHERE content_type = %s AND content_id = %s AND claim_token = %s FOR UPDATE",
        (claim.title.content_type, claim.title.content_id, claim.token),
    )
    if cursor.fetchone() is None:
        raise claim_lost(cursor, claim.title)


def _refuse_deleted(cursor: Cursor, mapping: CatalogMapping, title: Title, token: str) -> None:
    """Raises TitleNotFound if another step of the run found the row deleted, and ended the claim."""
    cursor.execute("SELECT reason_code FROM nightreel.attempts WHERE token = %s", (token,))
    attempt = cursor.fetchone()
    if attempt is not None and attempt["reason_code"] == ROW_DELETED:
        raise not_found(title, mapping.table_of(title.content_type))


def claim_lost(cursor: Cursor, title: Title) -> ClaimLost:
    """The error that says who owns the title now."""
    cursor.execute(
        "SELECT state, owner FROM nightreel.conversions WHERE content_type = %s AND content_id = %s",
        (title.content_type, title.content_id),
    )
    row = cursor.fetchone()
    if row is None:
        return ClaimLost(f"{title} was never claimed")
    now = f"claimed by {row['owner']}" if row["owner"] else row["state"]
    return ClaimLost(f"this run's claim on {title} is gone; the title is {now}")


def add_warnings(cursor: Cursor, title: Title, sentences: Sequence[str]) -> None:
    """Adds the sentences that the title does not have yet."""
    cursor.execute(
        "UPDATE nightreel.conversions SET updated_at = now(), warnings = warnings || ARRAY("
        " SELECT w FROM unnest(%s::text[]) w WHERE w <> ALL (warnings))"
        " WHERE content_type = %s AND content_id = %s",
        (
            list(dict.fromkeys(storable(sentence) for sentence in sentences)),
            title.content_type,
            title.content_id,
        ),
    )


def _token(title: Title, token: str) -> str:
    """Raises ClaimLost for text that is no token: it may come from a form that people fill in."""
    try:
        return str(uuid.UUID(token))
    except ValueError:
        raise ClaimLost(f"{token!r} is no claim on {title}") from None
