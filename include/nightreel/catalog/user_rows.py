"""The user's tables in SQL: every fragment that depends on the mapping, written once.

Statements name the user's table `t` and `nightreel.conversions` `c`. Identifiers come
from the mapping and are always quoted.
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
    """A user's table, quoted, with its schema where one is named."""
    return sql.Identifier(*table.table.split("."))


def usable_id(content_id: Composable) -> Composable:
    """Whether this text is one that `Title` accepts.

    The length is checked separately: a counted repetition costs a regular expression of
    PostgreSQL twenty times as much.
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
    # A version that was never recorded says nothing about a change.
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
        "changed": changed,
        "encrypt": sql.SQL("coalesce(c.encrypt, {})").format(_or_null(columns.encrypt, "boolean")),
    }


def id_array(content_ids: Iterable[str]) -> str:
    """An array literal that takes on the type of the column it is compared with.

    `t.id = ANY('{"1","2"}')` uses the primary key's index whether that is an integer, a UUID
    or text; casting the column to text would read the whole table.
    """
    # A user's text may be any, where it is no id that a Title can have.
    escaped = (content_id.replace("\\", "\\\\").replace('"', '\\"') for content_id in content_ids)
    return "{" + ",".join(f'"{content_id}"' for content_id in escaped) + "}"


def not_found(title: Title, table: TableMapping) -> TitleNotFound:
    """The error for a title without a row in its table."""
    return TitleNotFound(
        f"there is no {title}: table {table.table} has no row whose {table.columns.id} is {title.content_id}"
    )


def double_id(title: Title, table: TableMapping, rows: int) -> ConfigurationError:
    """The error for a title whose id several rows have."""
    return ConfigurationError(double_id_sentence(title, table, rows))


def double_id_sentence(title: Title, table: TableMapping, rows: int) -> str:
    """Why an id that `rows` rows have names no title, and what to do about it."""
    column = table.columns.id
    return (
        f"{rows} rows of table {table.table} have the {column} {title.content_id}, so they would all be "
        f"the same film; make column {column} of {table.table} unique, or map one that is"
    )


def _column(name: str) -> Composable:
    return sql.SQL("t.{}").format(sql.Identifier(name))


def _number(name: str | None, kind: str, largest: str) -> Composable:
    """Null where the column holds what the kind does not: one absurd row must not end the statement."""
    if name is None:
        return _or_null(None, kind)
    template = "CASE WHEN {column}::numeric BETWEEN -{largest} AND {largest} THEN {column}::{kind} END"
    return sql.SQL(template).format(column=_column(name), largest=sql.SQL(largest), kind=sql.SQL(kind))


def _or_null(name: str | None, kind: str) -> Composable:
    column = sql.SQL("NULL") if name is None else _column(name)
    return sql.SQL("{}::{}").format(column, sql.SQL(kind))
