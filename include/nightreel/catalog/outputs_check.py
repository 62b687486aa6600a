"""Checks that the user's tables accept what publishing writes, into exactly one row.

This is checked before the first night, not after hours of encoding.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import psycopg2
from psycopg2 import sql

from nightreel.catalog.connection import Cursor, Row
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.read_back import differences
from nightreel.catalog.refusals import refused
from nightreel.catalog.user_rows import fragments, id_array, relation
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

UrlsOf: TypeAlias = Callable[[Title], Mapping[str, str]]
"""The URLs that publishing a title writes, by the role of their column."""

# 4 is the bit for UPDATE; TRUE counts triggers and rules of a view; 80 is INSTEAD OF and UPDATE.
_TABLE = """
    SELECT c.oid, c.relkind::text AS kind, c.relhassubclass AS has_heirs,
           pg_relation_is_updatable(c.oid, TRUE) & 4 = 4 AS updatable,
           EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & 80 = 80)
           OR EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type = '2' AND w.is_instead)
           AS by_own_means
    FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
# A domain has the length of its base type.
_COLUMNS = """
    SELECT a.attname AS name, pg_column_is_updatable(a.attrelid, a.attnum, TRUE) AS updatable,
           format_type(a.atttypid, a.atttypmod) AS type,
           CASE WHEN coalesce(nullif(y.typbasetype, 0), a.atttypid)
                     IN ('varchar'::regtype, 'bpchar'::regtype)
                THEN nullif(greatest(a.atttypmod, y.typtypmod), -1) - 4 END AS characters
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
    WHERE a.attrelid = %s AND a.attname = ANY(%s)
"""
_UNIQUE = """
    SELECT EXISTS (
        SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
          AND i.indpred IS NULL AND a.attname = %s
    ) AS is_unique
"""
_TWICE = "SELECT {id_text} AS id, count(*) FROM {relation} t GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
_LONGEST = (
    "SELECT {id_text} AS id FROM {relation} t WHERE {id_usable} ORDER BY length({id_text}) DESC LIMIT 1"
)
_PATIENCE_MILLISECONDS = 5000
_SOME = "SELECT {id_text} AS id FROM {relation} t WHERE {id_usable} LIMIT 1"


def check_outputs(cursor: Cursor, mapping: CatalogMapping, urls_of: UrlsOf) -> None:
    """Raises ConfigurationError naming each table and column that would make publishing fail.

    The mapping must fit the database. One row of each table is given the URLs of its title, to find
    triggers that suppress, refuse or undo updates. The update is rolled back at once.
    """
    faults = [
        fault
        for content_type, table in mapping.content_types.items()
        for fault in _faults(cursor, content_type, table, urls_of)
    ]
    if faults:
        raise ConfigurationError("publishing would fail:\n- " + "\n- ".join(faults))


def require_taken(cursor: Cursor, mapping: CatalogMapping, title: Title, urls: Mapping[str, str]) -> None:
    """Raises ConfigurationError if the title's row would not accept these URLs. The update is rolled back.

    A row that somebody else has locked is skipped.
    """
    table = mapping.table_of(title.content_type)
    if not table.columns.outputs:
        return
    cursor.execute("SET LOCAL lock_timeout = %s", (_PATIENCE_MILLISECONDS,))
    try:
        faults = list(_refused_update(cursor, table, title, urls))
    except psycopg2.errors.LockNotAvailable:
        return
    if faults:
        raise ConfigurationError("; ".join(faults))


def _faults(cursor: Cursor, content_type: str, table: TableMapping, urls_of: UrlsOf) -> Iterator[str]:
    cursor.execute(_TABLE, (relation(table).as_string(cursor),))
    (found,) = cursor.fetchall()
    yield from _double_ids(cursor, content_type, table, found)
    outputs = table.columns.outputs
    if not outputs:
        return
    if not found["updatable"]:
        yield (
            f"{content_type}: {table.table} is a view that cannot be updated; give it an INSTEAD OF UPDATE "
            f"trigger, map the table below it, or leave {', '.join(outputs)} out"
        )
        return
    cursor.execute(_COLUMNS, (found["oid"], list(outputs.values())))
    columns = {row["name"]: row for row in cursor.fetchall()}
    fixed = [
        role
        for role, column in outputs.items()
        if not (found["by_own_means"] or columns[column]["updatable"])
    ]
    for role in fixed:
        yield (
            f"{content_type}: column {outputs[role]} of {table.table}, mapped as {role}, is computed by "
            f"the view and cannot be updated; map another column, or leave {role} out"
        )
    short = list(_short_columns(cursor, content_type, table, columns, urls_of))
    yield from short
    if not fixed and not short:
        cursor.execute(sql.SQL(_SOME).format(**fragments(table)))
        if some := cursor.fetchone():
            title = Title(content_type, some["id"])
            yield from _refused_update(cursor, table, title, urls_of(title))


def _double_ids(cursor: Cursor, content_type: str, table: TableMapping, found: Row) -> Iterator[str]:
    where = f"{content_type}: column {table.columns.id} of {table.table}, mapped as id,"
    # A view has no index; a partitioned table's index has more columns; a parent's index does not
    # cover its children.
    if found["kind"] == "r" and not found["has_heirs"]:
        cursor.execute(_UNIQUE, (found["oid"], table.columns.id))
        (answer,) = cursor.fetchall()
        if answer["is_unique"]:
            return
        yield (
            f"{where} is not unique, so two titles may get the same film; ALTER TABLE {table.table} "
            f'ADD UNIQUE ("{table.columns.id}"), or map one that is'
        )
    cursor.execute(sql.SQL(_TWICE).format(**fragments(table)))
    for row in cursor.fetchall():
        yield f"{where} has {row['count']} rows with {row['id']}; give each row its own id"


def _short_columns(
    cursor: Cursor, content_type: str, table: TableMapping, columns: Mapping[str, Row], urls_of: UrlsOf
) -> Iterator[str]:
    cursor.execute(sql.SQL(_LONGEST).format(**fragments(table)))
    row = cursor.fetchone()
    title = Title(content_type, "1" if row is None else row["id"])
    for role, url in urls_of(title).items():
        column = table.columns.outputs.get(role)
        if column is None or columns[column]["characters"] is None:
            continue
        if columns[column]["characters"] < len(url):
            yield (
                f"{content_type}: column {column} of {table.table}, mapped as {role}, is "
                f"{columns[column]['type']}; that of {title} would be {len(url)} characters long ({url}); "
                f'ALTER TABLE {table.table} ALTER "{column}" TYPE text'
            )


def _refused_update(
    cursor: Cursor, table: TableMapping, title: Title, urls: Mapping[str, str]
) -> Iterator[str]:
    content_type, names = title.content_type, ", ".join(table.columns.outputs.values())
    cursor.execute("SAVEPOINT trial")
    try:
        with refused(
            f"{content_type}: {table.table} refuses an update of {names}, tried with the URLs of {title}",
            cure="let its triggers and constraints accept it",
        ):
            cursor.execute(
                sql.SQL("UPDATE {relation} t SET {assignments} WHERE {id} = ANY(%s)").format(
                    **fragments(table), assignments=_assignments(table, urls)
                ),
                (id_array([title.content_id]),),
            )
            updated = cursor.rowcount
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            changed = differences(cursor, table, title, urls)
    except ConfigurationError as error:
        yield str(error)
    else:
        if updated == 0:
            yield (
                f"{content_type}: {table.table} takes an update of {names} but changes no row: a trigger "
                "or a rule suppresses it; let it return the row"
            )
        elif changed:
            yield (
                f"{content_type}: {table.table} takes an update of {names} but does not keep it, tried with "
                f"the URLs of {title}: {'; '.join(changed)}; a trigger or a rule undoes it: let it keep "
                "what is written"
            )
    finally:
        cursor.execute("ROLLBACK TO SAVEPOINT trial")


def _assignments(table: TableMapping, urls: Mapping[str, str]) -> sql.Composable:
    """Assigns the URLs, and to the other columns their own values."""
    return sql.SQL(", ").join(
        sql.SQL("{} = {}").format(
            sql.Identifier(column),
            sql.Literal(urls[role]) if role in urls else sql.SQL("t.{}").format(sql.Identifier(column)),
        )
        for role, column in table.columns.outputs.items()
    )
