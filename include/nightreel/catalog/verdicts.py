"""How a claim ends other than by publishing, and how a verdict is lifted.

None of it touches what an earlier release wrote: its URLs stay and keep playing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.catalog import events
from nightreel.catalog.connection import Cursor, storable
from nightreel.catalog.leases import claim_lost, hold
from nightreel.catalog.records import ROW_DELETED, Claim
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

# Asked of the release itself, whatever the latest claim came to: a verdict on another source may
# lie in between. What is chosen for its encryption counts, not the setting, as for a claim.
_END_UNCHANGED = f"""
    UPDATE nightreel.conversions c
    SET state = 'published', reason_code = NULL, reason = NULL, warnings = release_warnings, {_FREE}
    WHERE claim_token = %(token)s AND NOT forced AND c.release IS NOT NULL
      AND source_fingerprint = release_fingerprint
      AND coalesce(%(encrypt)s = EXISTS (
              SELECT FROM nightreel.content_keys k
              WHERE k.content_type = c.content_type AND k.content_id = c.content_id
                AND k.release = c.release), TRUE)
"""  # noqa: S608 - only a constant is put in

# A run that never started tried nothing.
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
    """`code` is a stable identifier, `sentence` is for people; `counted`: it is one of the title's tries."""

    state: State
    outcome: Outcome
    code: str | None = None
    sentence: str | None = None
    counted: bool = True


RELEASED = Verdict("pending", "released", counted=False)
_UNCHANGED = Verdict(
    "published", "unchanged", "same_source", "the source is the very file that the release was made from"
)
_DELETED = Verdict("pending", "released", ROW_DELETED, "its row was deleted", counted=False)


def conclude(cursor: Cursor, claim: Claim, verdict: Verdict) -> None:
    """Ends the claim with a verdict; the same verdict again is harmless.

    Raises ClaimLost when the claim owns the title no longer.
    """
    if not _free(cursor, claim.token, verdict):
        cursor.execute("SELECT outcome FROM nightreel.attempts WHERE token = %s", (claim.token,))
        attempt = cursor.fetchone()
        if attempt is not None and attempt["outcome"] == verdict.outcome:
            return
        raise claim_lost(cursor, claim.title)
    if verdict.outcome == "quarantined" or verdict.outcome == "failed":
        events.record_title(cursor, verdict.outcome, claim.owner, claim.title, claim.name)


def end_unchanged(cursor: Cursor, claim: Claim) -> bool:
    """Ends the claim where the source that came is the one that the published release was made from.

    The title is then as it was published, with its warnings; only where its source is was news.
    False, and nothing is changed, where there is something to convert: also where that was forced,
    or the title is to be encrypted, or not, from now on. Raises ClaimLost.
    """
    hold(cursor, claim)
    cursor.execute(_END_UNCHANGED, {"token": claim.token, "encrypt": claim.encrypt})
    if cursor.rowcount == 0:
        return False
    _end_attempt(cursor, claim.token, _UNCHANGED)
    return True


def release_deleted(cursor: Cursor, token: str) -> None:
    """Ends the claim of a title whose row is gone; one that was ended already is left as it is."""
    _free(cursor, token, _DELETED)


def _free(cursor: Cursor, token: str, verdict: Verdict) -> bool:
    """Whether the claim was still in force, and is ended now."""
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


def expire_claims(cursor: Cursor, max_attempts: int) -> list[Title]:
    """Frees the titles whose run let its lease run out, and returns them.

    A title whose runs keep dying without a word ends failed once it has been tried
    `max_attempts` times, or it would take its worker down every night.
    """
    return _expire(cursor, max_attempts, "the run stopped without a word; its claim ran out", token=None)


def expire_claim(cursor: Cursor, token: str, max_attempts: int) -> bool:
    """The same for one claim, before its lease runs out: its run is known to be over, or was deleted."""
    reason = "the run was deleted, or ended without a word"
    return bool(_expire(cursor, max_attempts, reason, token=token))


def _expire(cursor: Cursor, max_attempts: int, reason: str, token: str | None) -> list[Title]:
    cursor.execute(_EXPIRE, {"max_attempts": max_attempts, "reason": reason, "token": token})
    freed = [(Title(row["content_type"], row["content_id"]), row) for row in cursor.fetchall()]
    for title, row in freed:
        if row["given_up"]:
            events.record_title(cursor, "failed", row["owner"], title, None)
    return [title for title, _ in freed]


def requeue(cursor: Cursor, title: Title) -> bool:
    """Puts a quarantined or failed title back into the backlog; False if it was neither."""
    cursor.execute(
        "UPDATE nightreel.conversions SET state = 'pending', attempts = 0, reason_code = NULL, reason = NULL,"
        " updated_at = now()"
        " WHERE content_type = %s AND content_id = %s AND state IN ('quarantined', 'failed')",
        (title.content_type, title.content_id),
    )
    return cursor.rowcount > 0


def requeue_failed(cursor: Cursor, content_types: Sequence[str]) -> int:
    """Puts all failed titles of these types back into the backlog; how many there were."""
    cursor.execute(
        "UPDATE nightreel.conversions SET state = 'pending', attempts = 0, reason_code = NULL, reason = NULL,"
        " updated_at = now()"
        " WHERE state = 'failed' AND content_type = ANY(%s)",
        (list(content_types),),
    )
    return cursor.rowcount
