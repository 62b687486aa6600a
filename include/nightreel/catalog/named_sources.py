"""Which uploaded sources are still named."""

from collections.abc import Iterator, Sequence

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.user_rows import fragments, relation

# However the URL is written: with any host, with a query, with encoded slashes.
_NAME_IN_URL = "uploads(?:/|%2[Ff])([0-9a-f]{32})"
_NAMED = """
    SELECT found[1] AS name FROM {relation} t, regexp_matches({url}, %(pattern)s, 'g') found
    WHERE {condition} AND found[1] = ANY(%(names)s)
"""
_OWN = (
    ("uploads", "object_key", "TRUE"),
    ("conversions", "source_url", "(t.state = 'claimed' OR t.release IS NOT NULL)"),
)
_EMPTIED = """
    SELECT NOT EXISTS (SELECT FROM {relation})
       AND EXISTS (SELECT FROM nightreel.conversions WHERE content_type = %s) AS emptied
"""


class NamedSources:
    """What rows say about uploaded sources. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def among(self, names: Sequence[str]) -> set[str]:
        """Those of these generated names of uploaded files that may still be needed.

        A file may be needed because a title's row names it, or a remembered upload does; because a run is
        converting it; or because the published release was made from it. Each mapped table is read once.
        """
        query = sql.SQL(" UNION ").join(self._places())
        with transaction(self._connect) as cursor:
            cursor.execute(query, {"names": list(names), "pattern": _NAME_IN_URL})
            return {row["name"] for row in cursor.fetchall()}

    def emptied_tables(self) -> list[str]:
        """The mapped tables without rows, although titles of them were converted."""
        with transaction(self._connect) as cursor:
            return [
                table.table
                for content_type, table in self._mapping.content_types.items()
                if _is_emptied(cursor, content_type, table)
            ]

    def _places(self) -> Iterator[Composable]:
        for table in self._mapping.content_types.values():
            yield _named(relation(table), fragments(table)["url"], "TRUE")
        for name, column, condition in _OWN:
            yield _named(
                sql.Identifier("nightreel", name), sql.SQL("t.{}").format(sql.Identifier(column)), condition
            )


def _named(place: Composable, url: Composable, condition: str) -> Composable:
    return sql.SQL(_NAMED).format(relation=place, url=url, condition=sql.SQL(condition))


def _is_emptied(cursor: Cursor, content_type: str, table: TableMapping) -> bool:
    cursor.execute(sql.SQL(_EMPTIED).format(relation=relation(table)), (content_type,))
    (row,) = cursor.fetchall()
    return bool(row["emptied"])
