"""Published titles whose row in the user's table is gone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from psycopg2 import sql

from nightreel.catalog import events
from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.user_rows import fragments
from nightreel.vocabulary.title import Title

_FEW = 3
"""This many rows may vanish at once, whatever their share: in a small catalog, each is a large share."""
_TOLD = 100
"""How many titles an event names; it counts all of them."""

# Joined with the conversions by the id as text: one pass over each side, however long.
_PUBLISHED = """
    FROM nightreel.conversions c LEFT JOIN {relation} t ON {id_text} = c.content_id
    WHERE c.content_type = %(content_type)s AND c.release IS NOT NULL
"""
_COUNT = f"""
    SELECT count(*) AS published, count(*) FILTER (WHERE {{id}} IS NULL) AS orphaned,
           NOT EXISTS (SELECT FROM {{relation}}) AS no_rows {_PUBLISHED}
"""  # noqa: S608 - only a constant is put in
# All orphans are looked up at once: asking for each known one would read the table each time.
_REFRESH = f"""
    WITH orphaned AS MATERIALIZED (SELECT c.content_id {_PUBLISHED} AND {{id}} IS NULL),
    back AS (
        DELETE FROM nightreel.leftovers l
        WHERE l.kind = 'orphaned_title' AND l.content_type = %(content_type)s
          AND NOT EXISTS (SELECT FROM orphaned o WHERE o.content_id = l.name)
    )
    INSERT INTO nightreel.leftovers (kind, content_type, name)
    SELECT 'orphaned_title', %(content_type)s, content_id FROM orphaned
    ON CONFLICT DO NOTHING RETURNING name
"""  # noqa: S608 - only a constant is put in
_DISTRUST = """
    UPDATE nightreel.leftovers SET found_at = now()
    WHERE kind = 'orphaned_title' AND content_type = %(content_type)s
"""
_FOUND = """
    SELECT content_type, name, found_at FROM nightreel.leftovers
    WHERE kind = 'orphaned_title' AND content_type = ANY(%s) AND found_at <= now() - %s
    ORDER BY found_at, content_type, name LIMIT %s
"""
_UNMAPPED = """
    SELECT content_type, count(*) AS published FROM nightreel.conversions
    WHERE release IS NOT NULL AND content_type <> ALL(%s) GROUP BY content_type ORDER BY content_type
"""


@dataclass(frozen=True)
class Orphan:
    """A published title without a row. `found_at`: when that was first seen."""

    title: Title
    found_at: datetime


@dataclass(frozen=True)
class Survey:
    """How many titles of a content type are published, and how many of them have lost their row."""

    content_type: str
    published: int
    orphaned: int
    no_rows: bool
    """Whether the table has no rows at all."""

    def distrusted(self, share: float) -> str | None:
        """Why the table seems to be gone, rather than its titles; None if it does not.

        `share` of the published titles may lose their rows, and always three.
        """
        if not self.orphaned:
            return None
        if self.no_rows:
            return f"the table of {self.content_type} has no rows at all"
        if self.orphaned > _FEW and self.orphaned > share * self.published:
            return (
                f"{self.orphaned} of {self.published} published titles of {self.content_type} no longer "
                "have a row, which is more than NIGHTREEL_ORPHAN_SHARE"
            )
        return None


class OrphanRecords:
    """The orphaned titles. Each method is one transaction, which takes longer for longer tables."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def survey(self, content_type: str, run_id: str, share: float, grace: timedelta | None) -> Survey:
        """Looks for orphaned titles of a type, remembers since when they are, and reports new ones.

        While the table is distrusted, the clock stands still. `run_id` is the run that looks.
        """
        table, values = self._mapping.table_of(content_type), {"content_type": content_type}
        with transaction(self._connect) as cursor:
            cursor.execute(sql.SQL(_COUNT).format(**fragments(table)), values)
            (row,) = cursor.fetchall()
            new = _refresh(cursor, table, content_type) if row["orphaned"] else _forget(cursor, content_type)
            survey = Survey(content_type, row["published"], row["orphaned"], row["no_rows"])
            reason = survey.distrusted(share)
            if reason is not None:
                cursor.execute(_DISTRUST, values)
            if new:
                _tell(cursor, run_id, new, grace, reason)
        return survey

    def found(
        self, content_types: Sequence[str] | None = None, age: timedelta = timedelta(0), limit: int = 1000
    ) -> list[Orphan]:
        """The titles that have been known as orphaned for this long; those known longest first."""
        wanted = list(self._mapping.content_types if content_types is None else content_types)
        with transaction(self._connect) as cursor:
            cursor.execute(_FOUND, (wanted, age, limit))
            return [
                Orphan(Title(row["content_type"], row["name"]), row["found_at"]) for row in cursor.fetchall()
            ]

    def unmapped(self) -> dict[str, int]:
        """How many titles are published of content types that the mapping does not (or no longer) name."""
        with transaction(self._connect) as cursor:
            cursor.execute(_UNMAPPED, (list(self._mapping.content_types),))
            return {row["content_type"]: row["published"] for row in cursor.fetchall()}


def _refresh(cursor: Cursor, table: TableMapping, content_type: str) -> list[Title]:
    """Forgets those that have a row again or are no longer published; returns the new ones."""
    cursor.execute(sql.SQL(_REFRESH).format(**fragments(table)), {"content_type": content_type})
    return sorted(Title(content_type, row["name"]) for row in cursor.fetchall())


def _forget(cursor: Cursor, content_type: str) -> list[Title]:
    """As `_refresh`, if there are none."""
    cursor.execute(
        "DELETE FROM nightreel.leftovers WHERE kind = 'orphaned_title' AND content_type = %s", (content_type,)
    )
    return []


def _tell(
    cursor: Cursor, run_id: str, new: Sequence[Title], grace: timedelta | None, reason: str | None
) -> None:
    payload = {
        "job_id": run_id,
        "count": len(new),
        "titles": [asdict(title) for title in new[:_TOLD]],
        "deleted_after_seconds": None if grace is None else int(grace.total_seconds()),
        "kept_because": reason,
    }
    events.record(cursor, "titles_orphaned", run_id, payload)
