"""Claiming: how a run comes to own a title."""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg2
from psycopg2 import sql
from psycopg2.extras import execute_values

from nightreel.catalog.connection import Connect, Cursor, Row, transaction
from nightreel.catalog.encrypted import ENCRYPTED
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.records import Claim, Refusal
from nightreel.catalog.user_rows import double_id, fragments, id_array, not_found
from nightreel.vocabulary.title import Title

ENTER = """
    INSERT INTO nightreel.conversions (content_type, content_id)
    SELECT %(content_type)s, {id_text} FROM {relation} t
    WHERE {id} = ANY(%(ids)s) AND {id_text} = ANY(%(texts)s::text[])
    ORDER BY {id_text}
    ON CONFLICT DO NOTHING
"""
"""Creates a conversion for each of these user's rows that has none yet."""

_LOCK = (
    """
    SELECT c.content_id, c.state, c.claim_token::text AS token, c.claimed_release AS release, c.owner,
           c.lease_expires_at, c.lease_expires_at > clock_timestamp() AS held, c.attempts, c.reason, c.forced,
           c.source_url AS claimed_url, c.source_version AS claimed_version, c.complete,
           {name} AS name, {url} AS source_url, {version} AS source_version, {changed} AS changed,
           {encrypt} AS encrypt, """  # noqa: S608 - only a constant is put in
    + ENCRYPTED
    + """ AS encrypted
    FROM nightreel.conversions c JOIN {relation} t ON {id_text} = c.content_id
    WHERE c.content_type = %(content_type)s AND c.content_id = ANY(%(texts)s::text[])
      AND {id} = ANY(%(ids)s)
    ORDER BY c.content_id
    FOR UPDATE OF c
"""
)
_TAKE = """
    UPDATE nightreel.conversions c
    SET state = 'claimed', claim_token = v.token::uuid, claimed_release = v.release, owner = v.owner,
        claimed_at = now(), adopted_at = NULL, lease_expires_at = clock_timestamp() + v.lease,
        attempts = v.attempt, source_url = v.source_url, source_version = v.source_version,
        fetched_from = NULL, source_bytes = NULL, source_etag = NULL, source_fingerprint = NULL,
        reason_code = NULL, reason = NULL, warnings = '{}', deadline_missed_at = NULL, updated_at = now(),
        release_warnings = CASE c.state WHEN 'published' THEN c.warnings ELSE c.release_warnings END,
        forced = v.forced
    FROM (VALUES %s) AS v(content_type, content_id, token, release, owner, lease, attempt,
                          source_url, source_version, forced)
    WHERE c.content_type = v.content_type AND c.content_id = v.content_id
"""
_TAKE_VALUES = "(%s, %s, %s, %s, %s, %s::interval, %s, %s, %s::text, %s)"


@dataclass(frozen=True)
class _Request:
    """Who wants to claim, for how long, and whether despite an earlier verdict.

    A night claims for a run that it will queue; any other run claims for itself. `first` says that a
    first release is all that is wanted.
    """

    run_id: str
    lease: timedelta
    force: bool
    first: bool = False
    by_night: bool = False


def new_release_id() -> str:
    """Sortable by time, and unique even among those made in the same second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


class Claims:
    """How runs come to own titles. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def of_night(self, titles: Sequence[Title], night: str, lease: timedelta) -> list[Claim]:
        """Claims the free ones among these titles for a night, in the order given, and skips the rest.

        A night that asks again gets the same claims again.
        """
        request = _Request(night, lease, force=False, by_night=True)
        by_type: dict[str, list[Title]] = defaultdict(list)
        for title in titles:
            by_type[title.content_type].append(title)
        claims: dict[Title, Claim] = {}
        with transaction(self._connect) as cursor:
            # All lock in the same order, so that two runs that want the same titles cannot deadlock.
            for content_type in sorted(by_type):
                table = self._mapping.table_of(content_type)
                rows = _lock(cursor, table, by_type[content_type], skip_locked=True)
                # Of several rows with one id, nobody can tell which is meant; `nightreel check` names them.
                rows = {title: row for title, row in rows.items() if row["rows"] == 1}
                answers = _answer(cursor, rows, request).items()
                claims |= {title: answer for title, answer in answers if isinstance(answer, Claim)}
        return [claims[title] for title in dict.fromkeys(titles) if title in claims]

    def one(
        self, title: Title, run_id: str, lease: timedelta, *, force: bool = False, first: bool = False
    ) -> Claim | Refusal:
        """Claims one title for a run of its own, or says why not.

        A title that has only a first release is claimed to be completed, unless a `first` release is
        all that is wanted. Raises TitleNotFound when there is no such row, ConfigurationError when there
        are several.
        """
        with transaction(self._connect) as cursor:
            rows = _lock_one(cursor, self._mapping, title)
            return _answer(cursor, rows, _Request(run_id, lease, force, first))[title]

    def choose_encryption(self, title: Title, encrypt: bool) -> None:
        """Stores, for this and later conversions, whether the title is encrypted.

        A published title that does not match the choice may be claimed again. Raises TitleNotFound.
        """
        with transaction(self._connect) as cursor:
            _lock_one(cursor, self._mapping, title)
            cursor.execute(
                "UPDATE nightreel.conversions SET encrypt = %s, updated_at = now()"
                " WHERE content_type = %s AND content_id = %s",
                (encrypt, title.content_type, title.content_id),
            )


def _lock_one(cursor: Cursor, mapping: CatalogMapping, title: Title) -> dict[Title, Row]:
    table = mapping.table_of(title.content_type)
    try:
        rows = _lock(cursor, table, [title], skip_locked=False)
    except psycopg2.DataError as error:
        # "abc" is not the text of any integer.
        raise not_found(title, table) from error
    if not rows:
        raise not_found(title, table)
    if rows[title]["rows"] > 1:
        raise double_id(title, table, rows[title]["rows"])
    return rows


def _lock(
    cursor: Cursor, table: TableMapping, titles: Sequence[Title], *, skip_locked: bool
) -> dict[Title, Row]:
    content_ids = list({title.content_id for title in titles})
    content_type = titles[0].content_type
    values = {"content_type": content_type, "texts": content_ids, "ids": id_array(content_ids)}
    cursor.execute(sql.SQL(ENTER).format(**fragments(table)), values)
    lock = _LOCK + ("SKIP LOCKED" if skip_locked else "")
    cursor.execute(sql.SQL(lock).format(**fragments(table)), values)
    found: dict[Title, Row] = {}
    for row in cursor.fetchall():
        title = Title(content_type, row["content_id"])
        found[title] = row | {"rows": found[title]["rows"] + 1 if title in found else 1}
    return found


def _answer(cursor: Cursor, rows: dict[Title, Row], request: _Request) -> dict[Title, Claim | Refusal]:
    answers: dict[Title, Claim | Refusal] = {}
    fresh: list[Claim] = []
    for title, row in rows.items():
        if row["state"] == "claimed" and row["owner"] == request.run_id:
            # The same run asks again: its first try was killed before it could hand on the claim.
            claimed = {"source_url": row["claimed_url"], "source_version": row["claimed_version"]}
            answers[title] = claim_from(title, row | claimed)
        elif (refusal := _refusal(title, row, request)) is not None:
            answers[title] = refusal
        else:
            fresh.append(_new_claim(title, row, request))
    end_expired(cursor, [rows[claim.title]["token"] for claim in fresh])
    _take(cursor, fresh, request)
    _renew(cursor, [answer.token for answer in answers.values() if isinstance(answer, Claim)], request.lease)
    return answers | {claim.title: claim for claim in fresh}


def _refusal(title: Title, row: Row, request: _Request) -> Refusal | None:
    if row["state"] == "claimed" and row["held"]:
        until = row["lease_expires_at"].astimezone(UTC)
        return Refusal(
            title, "claimed", f"{title} is claimed by {row['owner']} until {until:%Y-%m-%d %H:%M:%S} UTC"
        )
    if row["source_url"] is None:
        return Refusal(title, "no_source", f"{title} has no video URL")
    if request.force or row["changed"]:
        return None
    if row["state"] == "published" and row["encrypt"] in (None, row["encrypted"]):
        if row["complete"]:
            return Refusal(
                title,
                "published",
                f"{title} is published and its source is unchanged; force converts it again",
            )
        if request.first:
            return Refusal(
                title, "published", f"{title} has its first release; a conversion without first completes it"
            )
    if row["state"] == "quarantined":
        return Refusal(title, "quarantined", f"{title} is quarantined: {row['reason']}; force tries it again")
    return None


def _new_claim(title: Title, row: Row, request: _Request) -> Claim:
    # Tries are counted per source, so that a corrected file starts from zero. What a person forced
    # stays forced in those that follow.
    goes_on = row["state"] in ("pending", "failed", "claimed") and not row["changed"]
    made = {
        "token": str(uuid.uuid4()),
        "owner": request.run_id,
        "release": new_release_id(),
        "attempts": row["attempts"] + 1 if goes_on else 1,
        "forced": request.force or (goes_on and row["forced"]),
    }
    return claim_from(title, row | made)


def claim_from(title: Title, row: Row) -> Claim:
    """The claim in a row of `conversions`."""
    return Claim(
        title=title,
        token=row["token"],
        run_id=row["owner"],
        release=row["release"],
        name=row["name"],
        source_url=row["source_url"],
        source_version=row["source_version"],
        attempt=row["attempts"],
        encrypt=row["encrypt"],
        forced=row["forced"],
    )


def end_expired(cursor: Cursor, tokens: Sequence[str | None]) -> None:
    """Records in the history that these claims expired; skips None."""
    cursor.execute(
        "UPDATE nightreel.attempts SET ended_at = now(), outcome = 'expired'"
        " WHERE token = ANY(%s::uuid[]) AND ended_at IS NULL",
        ([token for token in tokens if token is not None],),
    )


def _take(cursor: Cursor, claims: Sequence[Claim], request: _Request) -> None:
    if not claims:
        return
    execute_values(
        cursor,
        _TAKE,
        [
            (
                claim.title.content_type,
                claim.title.content_id,
                claim.token,
                claim.release,
                claim.run_id,
                request.lease,
                claim.attempt,
                claim.source_url,
                claim.source_version,
                claim.forced,
            )
            for claim in claims
        ],
        template=_TAKE_VALUES,
        page_size=len(claims),
    )
    execute_values(
        cursor,
        "INSERT INTO nightreel.attempts (token, content_type, content_id, owner, release, night) VALUES %s",
        [
            (
                claim.token,
                claim.title.content_type,
                claim.title.content_id,
                claim.run_id,
                claim.release,
                claim.run_id if request.by_night else None,
            )
            for claim in claims
        ],
        page_size=len(claims),
    )


def _renew(cursor: Cursor, tokens: Sequence[str], lease: timedelta) -> None:
    cursor.execute(
        "UPDATE nightreel.conversions SET lease_expires_at = clock_timestamp() + %s"
        " WHERE claim_token = ANY(%s::uuid[])",
        (lease, list(tokens)),
    )
