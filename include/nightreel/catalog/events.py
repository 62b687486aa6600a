"""Events to report, written in the transaction that makes them true.

So there are no false events, and none is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from nightreel.catalog.connection import Connect, Cursor, storable, storable_json, transaction
from nightreel.vocabulary.events import EventKind
from nightreel.vocabulary.states import Verdict
from nightreel.vocabulary.title import Title

_RECORD_TITLE = """
    INSERT INTO nightreel.events (kind, owner, payload)
    SELECT %(kind)s, %(run_id)s, jsonb_build_object(
        'content_type', content_type, 'content_id', content_id, 'title', %(name)s::text,
        'job_id', %(run_id)s::text, 'state', state, 'release', release,
        'complete', CASE WHEN release IS NOT NULL THEN complete END,
        'hls_url', hls_url, 'dash_url', dash_url, 'poster_url', poster_url,
        'duration_seconds', duration_seconds, 'variants', variants,
        'reason_code', reason_code, 'reason', reason, 'warnings', to_jsonb(warnings)
    )
    FROM nightreel.conversions WHERE content_type = %(content_type)s AND content_id = %(content_id)s
"""


@dataclass(frozen=True)
class Event:
    """Something that happened. `run_id` is the run to which it happened."""

    event_id: str
    kind: EventKind | Literal["test"]
    run_id: str | None
    payload: Mapping[str, Any]
    occurred_at: datetime


def record(cursor: Cursor, kind: EventKind, run_id: str, payload: Mapping[str, Any]) -> None:
    """Records what happens, in the transaction in which it happens. `payload` is what receivers are sent."""
    cursor.execute(
        "INSERT INTO nightreel.events (kind, owner, payload) VALUES (%s, %s, %s)",
        (kind, run_id, storable_json(payload)),
    )


def record_title(cursor: Cursor, kind: Verdict, run_id: str, title: Title, name: str | None) -> None:
    """Records the title as this transaction leaves it. `name` is its name, if known."""
    cursor.execute(
        _RECORD_TITLE,
        {
            "kind": kind,
            "run_id": run_id,
            "name": None if name is None else storable(name),
            "content_type": title.content_type,
            "content_id": title.content_id,
        },
    )


def record_missed_deadline(cursor: Cursor, run_id: str, titles: Sequence[Title]) -> None:
    """Records a missed deadline once per run, however often it is noticed."""
    cursor.execute(
        "SELECT FROM nightreel.events WHERE kind = 'deadline_missed' AND owner = %s LIMIT 1", (run_id,)
    )
    if cursor.fetchone() is None:
        named = [{"content_type": title.content_type, "content_id": title.content_id} for title in titles]
        record(cursor, "deadline_missed", run_id, {"job_id": run_id, "titles": named})


class Events:
    """Events to report. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def record_backlog_report(self, run_id: str, report: Mapping[str, Any]) -> None:
        """Records the result of this run's night."""
        with transaction(self._connect) as cursor:
            record(cursor, "backlog_report", run_id, {"job_id": run_id, **report})

    def forget(self, older_than: timedelta) -> int:
        """Deletes events and their deliveries; returns how many events."""
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.events WHERE occurred_at < now() - %s", (older_than,))
            return cursor.rowcount
