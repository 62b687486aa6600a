"""The user's ids by type: Nightreel's tables have them as text.

A user's row is found by its own index only if an id of ours is compared as a value of the user's type.
"""

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import TableMapping
from nightreel.catalog.user_rows import fragments, relation

# For a domain, its base type. A missing relation is reported by the next statement.
_COLUMN = """
    SELECT coalesce(base.typname, own.typname) AS kind,
           coalesce(base.typcategory, own.typcategory) AS category
    FROM pg_attribute a
    JOIN pg_type own ON own.oid = a.atttypid
    LEFT JOIN pg_type base ON base.oid = own.typbasetype AND own.typtype = 'd'
    WHERE a.attrelid = to_regclass(%s) AND a.attname = %s
"""
_INTEGERS = ("int2", "int4", "int8")

# A conversion may be left from a table whose ids had another type: what is no value of this one has no row.
_AS_INTEGER = """
    CASE WHEN c.content_id ~ '^[0-9]+$' AND length(c.content_id) <= 19 THEN
         CASE WHEN c.content_id::numeric <= 9223372036854775807 THEN c.content_id::bigint END END
"""
_AS_UUID = """
    CASE WHEN c.content_id LIKE '________-____-____-____-____________'
          AND replace(c.content_id, '-', '') ~ '^[0-9a-f]+$' AND length(replace(c.content_id, '-', '')) = 32
         THEN c.content_id::uuid END
"""
_SAME = "({id_text} = c.content_id AND {id} = {typed})"


def id_column(cursor: Cursor, table: TableMapping) -> tuple[str, str]:
    """The id's type and its category, as in pg_type; empty if there is no such column."""
    cursor.execute(_COLUMN, (relation(table).as_string(cursor.connection), table.columns.id))
    row = cursor.fetchone()
    return (row["kind"], row["category"]) if row else ("", "")


def id_fragments(cursor: Cursor, table: TableMapping) -> dict[str, Composable]:
    """The expressions that depend on the type of the id, as in `user_rows.fragments`.

    `same_id`: whether the user's row `t` is that of the conversion `c`, asked so that an index on the id
    finds it. `id_malformed`: whether no title can have the id.
    """
    pieces = fragments(table)
    kind, category = id_column(cursor, table)
    if kind in _INTEGERS:
        typed, malformed = _AS_INTEGER, "({id} IS NULL OR {id} < 0)"
    elif kind == "uuid":
        typed, malformed = _AS_UUID, "{id} IS NULL"
    else:
        typed, malformed = "c.content_id" if category == "S" else "{id}", "NOT {id_usable}"
    same = sql.SQL(_SAME).format(**pieces, typed=sql.SQL(typed).format(**pieces))
    return {"same_id": same, "id_malformed": sql.SQL(malformed).format(**pieces)}
