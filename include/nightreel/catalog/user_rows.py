"""The user's tables in SQL: every fragment that depends on the mapping, written once.

Statements call the user's table `t` and `nightreel.conversions` `c`. Identifiers come from the mapping
and are always quoted.
"""

from collections.abc import Iterable

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.addresses import is_other_source
from nightreel.catalog.mapping import TableMapping
from nightreel.errors import ConfigurationError, TitleNotFound
from nightreel.vocabulary.title import CONTENT_ID_OF_ANY_LENGTH, LONGEST_CONTENT_ID, Title

_USABLE_ID = "coalesce({id} ~ {pattern} AND length({id}) <= {longest}, FALSE)"


def relation(table: TableMapping) -> Composable:
    """A user's table, quoted, with its schema if there is one."""
    return sql.Identifier(*table.table.split("."))


def usable_id(content_id: Composable) -> Composable:
    """Whether `Title` accepts this text as an id.

    The length is checked separately: a counted repetition makes PostgreSQL's regular expressions twenty
    times slower.
    """
    return sql.SQL(_USABLE_ID).format(
        id=content_id,
        pattern=sql.Literal(f"^{CONTENT_ID_OF_ANY_LENGTH}$"),
        longest=sql.Literal(LONGEST_CONTENT_ID),
    )


def fragments(table: TableMapping) -> dict[str, Composable]:
    """The expressions for `sql.SQL(...).format(**fragments(table))`."""
    columns = table.columns
    url = sql.SQL("nullif(btrim({}::text), '')").format(_column(columns.video_url))
    version = _or_null(columns.source_version, "text")
    # If no version was ever recorded, nothing is known about a change.
    changed = sql.SQL("({is_other} OR coalesce(c.source_version <> {version}, FALSE))").format(
        is_other=is_other_source(sql.SQL("c.source_url"), url), version=version
    )
    id_text = sql.SQL("{}::text").format(_column(columns.id))
    return {
        "relation": relation(table),
        "id": _column(columns.id),
        "id_text": id_text,
        "id_usable": usable_id(id_text),
        "name": sql.SQL("coalesce({}::text, '')").format(_column(columns.title)),
        "url": url,
        "version": version,
        "bytes": _number(columns.source_bytes, "bigint", "9.2e18"),
        "duration": _number(columns.source_duration, "double precision", "1e300"),
        "value": value_of(table),
        "changed": changed,
        "encrypt": sql.SQL("coalesce(c.encrypt, {})").format(_or_null(columns.encrypt, "boolean")),
    }


def value_of(table: TableMapping, prefix: str = "t.") -> Composable:
    """How valuable a row is, null if unknown. `prefix` is what stands before the column."""
    return _number(table.columns.value, "double precision", "1e300", prefix)


def id_array(content_ids: Iterable[str]) -> str:
    """An array literal that takes the type of the column with which it is compared.

    `t.id = ANY('{"1","2"}')` uses the primary key's index, whether that is an integer, a UUID or text.
    Casting the column to text would read the whole table.
    """
    # The text may be anything if it is no valid id of a Title.
    escaped = (content_id.replace("\\", "\\\\").replace('"', '\\"') for content_id in content_ids)
    return "{" + ",".join(f'"{content_id}"' for content_id in escaped) + "}"


def not_found(title: Title, table: TableMapping) -> TitleNotFound:
    """The error for a title without a row in its table."""
    return TitleNotFound(
        f"there is no {title}: table {table.table} has no row whose {table.columns.id} is {title.content_id}"
    )


def double_id(title: Title, table: TableMapping, rows: int) -> ConfigurationError:
    """The error for an id that several rows have."""
    return ConfigurationError(double_id_sentence(title, table, rows))


def double_id_sentence(title: Title, table: TableMapping, rows: int) -> str:
    """Why an id that `rows` rows have names no title, and what to do about it."""
    column = table.columns.id
    return (
        f"{rows} rows of table {table.table} have the {column} {title.content_id}, so they would all be "
        f"the same film; make column {column} of {table.table} unique, or map one that is"
    )


def _column(name: str, prefix: str = "t.") -> Composable:
    return sql.SQL(prefix) + sql.Identifier(name)


def _number(name: str | None, kind: str, largest: str, prefix: str = "t.") -> Composable:
    """Null if the value does not fit the type: one absurd row must not end the statement."""
    if name is None:
        return _or_null(None, kind)
    template = "CASE WHEN {column}::numeric BETWEEN -{largest} AND {largest} THEN {column}::{kind} END"
    return sql.SQL(template).format(
        column=_column(name, prefix), largest=sql.SQL(largest), kind=sql.SQL(kind)
    )


def _or_null(name: str | None, kind: str) -> Composable:
    column = sql.SQL("NULL") if name is None else _column(name)
    return sql.SQL("{}::{}").format(column, sql.SQL(kind))
