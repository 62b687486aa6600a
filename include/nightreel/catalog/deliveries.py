"""Which receiver got which event.

A receiver is identified by a digest of its address, which may contain a secret. It gets every event from its
first one on, and those of the hour before it, but not what happened before it was configured.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from nightreel.catalog.connection import Connect, Cursor, storable, transaction
from nightreel.catalog.events import Event
from nightreel.vocabulary.events import EventKind

_NEW_RECEIVER = timedelta(hours=1)
"""How old an event may be, when a receiver is sent something for the first time, to be sent to it too.

Runs end side by side: what is sent first need not have happened first.
"""

_DOWN = timedelta(hours=2)
"""How long a receiver counts as down after a failure; housekeeping tries it every hour."""

_UNDELIVERED = """
    WITH receivers AS (
        SELECT receiver, coalesce(
            (SELECT least(min(e.occurred_at), min(d.updated_at) - %(new_receiver)s)
             FROM nightreel.deliveries d JOIN nightreel.events e USING (event_id)
             WHERE d.receiver = r.receiver),
            now() - %(new_receiver)s
        ) AS since
        FROM unnest(%(receivers)s::text[]) r (receiver)
    )
    SELECT e.event_id::text AS event_id, r.receiver
    FROM nightreel.events e
    JOIN receivers r ON e.occurred_at >= r.since
    LEFT JOIN nightreel.deliveries d ON d.event_id = e.event_id AND d.receiver = r.receiver
    WHERE e.occurred_at > now() - %(max_age)s AND e.kind = ANY(%(kinds)s)
      AND (%(run_id)s::text IS NULL OR e.owner = %(run_id)s)
      AND d.delivered_at IS NULL AND d.given_up_at IS NULL
    ORDER BY coalesce(d.attempts, 0), e.occurred_at
"""

_HOLD = """
    SELECT e.event_id::text AS event_id, e.kind, e.owner AS run_id, e.payload, e.occurred_at
    FROM nightreel.deliveries d JOIN nightreel.events e USING (event_id)
    WHERE d.event_id = %s AND d.receiver = %s AND d.delivered_at IS NULL AND d.given_up_at IS NULL
    FOR UPDATE OF d SKIP LOCKED
"""
_BEGIN = "INSERT INTO nightreel.deliveries (event_id, receiver) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_FAILURE = """
    SELECT FROM nightreel.deliveries d JOIN nightreel.events e USING (event_id)
    WHERE d.receiver = %s AND d.attempts > 1 AND d.updated_at > now() - %s
      AND d.delivered_at IS NULL AND d.given_up_at IS NULL AND e.owner IS DISTINCT FROM %s
    LIMIT 1
"""


@dataclass(frozen=True)
class Pending:
    """An event that a receiver has not got yet."""

    event_id: str
    receiver: str


class Delivery:
    """One event for one receiver, locked so that nobody else delivers it meanwhile."""

    def __init__(self, cursor: Cursor, pending: Pending, event: Event) -> None:
        self._cursor = cursor
        self._pending = pending
        self.event = event

    def succeeded(self) -> None:
        """It was delivered, and is not sent again."""
        self._conclude("delivered_at = now(), last_error = NULL", ())

    def failed(self, error: str) -> None:
        """It will be tried again. `error` must not contain the receiver's address."""
        self._conclude("last_error = %s", (storable(error),))

    def given_up(self, error: str) -> None:
        """It is never tried again."""
        self._conclude("given_up_at = now(), last_error = %s", (storable(error),))

    def _conclude(self, assignments: str, values: tuple[str, ...]) -> None:
        self._cursor.execute(
            "UPDATE nightreel.deliveries SET attempts = attempts + 1, updated_at = now(), "  # noqa: S608
            f"{assignments} WHERE event_id = %s AND receiver = %s",
            (*values, self._pending.event_id, self._pending.receiver),
        )


class Deliveries:
    """The deliveries. Each method except `delivering` is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def undelivered(
        self,
        receivers: Sequence[str],
        kinds: Sequence[EventKind],
        max_age: timedelta,
        run_id: str | None = None,
    ) -> list[Pending]:
        """What these receivers have not got yet; with `run_id`, only what happened to that run.

        Events tried least often come first, then the oldest, so that one that never arrives holds up no
        other.
        """
        values = {
            "receivers": list(receivers),
            "kinds": list(kinds),
            "max_age": max_age,
            "run_id": run_id,
            "new_receiver": _NEW_RECEIVER,
        }
        with transaction(self._connect) as cursor:
            cursor.execute(_UNDELIVERED, values)
            return [Pending(row["event_id"], row["receiver"]) for row in cursor.fetchall()]

    @contextmanager
    def delivering(self, pending: Pending) -> Iterator[Delivery | None]:
        """Locks a delivery while it is made; None if another process is making it, or has made it.

        Its outcome is committed at the end of the block.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_BEGIN, (pending.event_id, pending.receiver))
        with transaction(self._connect) as cursor:
            cursor.execute(_HOLD, (pending.event_id, pending.receiver))
            row = cursor.fetchone()
            yield None if row is None else Delivery(cursor, pending, Event(**row))

    def is_down(self, receiver: str, run_id: str) -> bool:
        """Whether the receiver recently failed to accept an event of another run than `run_id`."""
        with transaction(self._connect) as cursor:
            cursor.execute(_FAILURE, (receiver, _DOWN, run_id))
            return cursor.fetchone() is not None
