"""How claims end other than by publishing, and how verdicts are lifted.

None of this touches what an earlier release wrote: its URLs stay and keep playing.
"""

from dataclasses import dataclass

from nightreel.catalog import events, marks
from nightreel.catalog.connection import Connect, Cursor, storable, transaction
from nightreel.catalog.encrypted import ENCRYPTED
from nightreel.catalog.leases import claim_lost, hold
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.records import MAX_ATTEMPTS, ROW_DELETED, Claim
from nightreel.vocabulary.states import Outcome, State
from nightreel.vocabulary.title import Title

# What every end of a claim clears.
_FREE = (
    "claim_token = NULL, claimed_release = NULL, owner = NULL, lease_expires_at = NULL, updated_at = now()"
)

_CONCLUDE = f"""
    UPDATE nightreel.conversions
    SET state = %(state)s, reason_code = %(code)s, reason = %(sentence)s,
        attempts = greatest(attempts - %(untried)s, 0), {_FREE}
    WHERE claim_token = %(token)s
"""  # noqa: S608 - only a constant is put in

# Compares with the release itself, not with the latest claim, because there may have been a verdict on
# another source since. As for a claim, the title's choice of encryption counts, not the setting.
_END_UNCHANGED = f"""
    UPDATE nightreel.conversions c
    SET state = 'published', reason_code = NULL, reason = NULL, warnings = release_warnings, {_FREE}
    WHERE claim_token = %(token)s AND NOT forced AND c.release IS NOT NULL AND c.complete
      AND source_fingerprint = release_fingerprint
      AND coalesce(%(encrypt)s = {ENCRYPTED}, TRUE)
"""  # noqa: S608 - only a constant is put in

# A run that never started does not count as a try.
_EXPIRE = f"""
    WITH past AS (
        SELECT content_type, content_id, claim_token AS token,
               adopted_at IS NOT NULL AND attempts >= %(max_attempts)s AS given_up,
               adopted_at IS NULL AS untried
        FROM nightreel.conversions
        WHERE state = 'claimed' AND (lease_expires_at <= now() OR claim_token = %(token)s)
          AND (%(token)s::uuid IS NULL OR claim_token = %(token)s)
        FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE nightreel.conversions c
        SET state = CASE WHEN past.given_up THEN 'failed' ELSE 'pending' END,
            attempts = greatest(c.attempts - past.untried::int, 0),
            reason_code = 'claim_expired', reason = %(reason)s, {_FREE}
        FROM past WHERE c.claim_token = past.token
    )
    UPDATE nightreel.attempts a
    SET ended_at = now(), outcome = 'expired', reason_code = 'claim_expired', reason = %(reason)s
    FROM past WHERE a.token = past.token
    RETURNING a.content_type, a.content_id, a.owner, past.given_up
"""  # noqa: S608 - only a constant is put in


@dataclass(frozen=True)
class Verdict:
    """`code` is a stable identifier, `sentence` is for people; `counted`: whether it counts as a try."""

    state: State
    outcome: Outcome
    code: str | None = None
    sentence: str | None = None
    counted: bool = True


_UNCHANGED = Verdict(
    "published", "unchanged", "same_source", "the source is the same file that the release was made from"
)
_DELETED = Verdict("pending", "released", ROW_DELETED, "its row was deleted", counted=False)


class Verdicts:
    """How claims end. Each method is one transaction.

    Methods that take a claim raise ClaimLost once it no longer owns its title. Repeating a verdict is safe.
    """

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def quarantine(self, claim: Claim, code: str, sentence: str) -> None:
        """Quarantines the title until its source changes, it is requeued, or a person forces it."""
        self._conclude(claim, Verdict("quarantined", "quarantined", code, sentence))

    def fail(self, claim: Claim, code: str, sentence: str, *, counted: bool = True) -> None:
        """Gives up the title for tonight. `counted` says whether that was one of its tries."""
        self._conclude(claim, Verdict("failed", "failed", code, sentence, counted))

    def _conclude(self, claim: Claim, verdict: Verdict) -> None:
        with transaction(self._connect) as cursor:
            if not _free(cursor, claim.token, verdict):
                cursor.execute("SELECT outcome FROM nightreel.attempts WHERE token = %s", (claim.token,))
                attempt = cursor.fetchone()
                if attempt is not None and attempt["outcome"] == verdict.outcome:
                    return
                raise claim_lost(cursor, claim.title)
            if verdict.outcome == "quarantined" or verdict.outcome == "failed":
                events.record_title(cursor, verdict.outcome, claim.run_id, claim.title, claim.name)

    def end_unchanged(self, claim: Claim) -> bool:
        """Ends the claim if the fetched source is the one behind the published release.

        The title stays as published, with its warnings; only the source's address is new. Returns False,
        and changes nothing, if there is something to convert: also if the conversion was forced, the choice
        of encryption changed, or the release is a first one. Raises ClaimLost, and ConfigurationError when
        the user's table refuses to be marked.
        """
        with transaction(self._connect) as cursor:
            hold(cursor, claim)
            cursor.execute(_END_UNCHANGED, {"token": claim.token, "encrypt": claim.encrypt})
            if cursor.rowcount == 0:
                return False
            marks.write(cursor, self._mapping.table_of(claim.title.content_type), claim)
            _end_attempt(cursor, claim.token, _UNCHANGED)
            return True

    def release_deleted(self, token: str) -> None:
        """Ends the claim of a title whose row is gone; leaves an ended claim as it is."""
        with transaction(self._connect) as cursor:
            _free(cursor, token, _DELETED)

    def expire_all(self, max_attempts: int = MAX_ATTEMPTS) -> list[Title]:
        """Frees the titles whose runs let their leases expire, and returns them.

        A title whose runs keep dying without a report becomes failed after `max_attempts` tries, because
        otherwise it could kill its worker every night.
        """
        reason = "the run stopped without reporting; its claim expired"
        with transaction(self._connect) as cursor:
            return _expire(cursor, max_attempts, reason, token=None)

    def expire(self, token: str) -> bool:
        """The same for one claim before its lease expires, because its run is over or was deleted.

        False if the claim ended meanwhile.
        """
        reason = "the run was deleted, or ended without reporting"
        with transaction(self._connect) as cursor:
            return bool(_expire(cursor, MAX_ATTEMPTS, reason, token=token))

    def requeue(self, title: Title) -> bool:
        """Puts a quarantined or failed title back into the backlog; False if it was neither."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.conversions SET state = 'pending', attempts = 0, reason_code = NULL,"
                " reason = NULL, updated_at = now()"
                " WHERE content_type = %s AND content_id = %s AND state IN ('quarantined', 'failed')",
                (title.content_type, title.content_id),
            )
            return cursor.rowcount > 0

    def requeue_failed(self, content_type: str | None = None) -> int:
        """Puts all failed titles, or those of one type, back into the backlog; returns how many."""
        content_types = list(self._mapping.content_types) if content_type is None else [content_type]
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.conversions SET state = 'pending', attempts = 0, reason_code = NULL,"
                " reason = NULL, updated_at = now()"
                " WHERE state = 'failed' AND content_type = ANY(%s)",
                (content_types,),
            )
            return cursor.rowcount


def _free(cursor: Cursor, token: str, verdict: Verdict) -> bool:
    """Ends the claim; returns whether it was still in force."""
    cursor.execute(
        _CONCLUDE,
        {
            "state": verdict.state,
            "code": verdict.code,
            "sentence": _sentence(verdict),
            "untried": int(not verdict.counted),
            "token": token,
        },
    )
    if cursor.rowcount == 0:
        return False
    _end_attempt(cursor, token, verdict)
    return True


def _end_attempt(cursor: Cursor, token: str, verdict: Verdict) -> None:
    cursor.execute(
        "UPDATE nightreel.attempts SET ended_at = now(), outcome = %s, reason_code = %s, reason = %s"
        " WHERE token = %s",
        (verdict.outcome, verdict.code, _sentence(verdict), token),
    )


def _sentence(verdict: Verdict) -> str | None:
    return None if verdict.sentence is None else storable(verdict.sentence)


def _expire(cursor: Cursor, max_attempts: int, reason: str, token: str | None) -> list[Title]:
    cursor.execute(_EXPIRE, {"max_attempts": max_attempts, "reason": reason, "token": token})
    freed = [(Title(row["content_type"], row["content_id"]), row) for row in cursor.fetchall()]
    for title, row in freed:
        if row["given_up"]:
            events.record_title(cursor, "failed", row["owner"], title, None)
    return [title for title, _ in freed]
