"""Adding a title to the user's own table, or giving it another source."""

from contextlib import AbstractContextManager

from psycopg2 import errors, sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor, storable
from nightreel.catalog.free_ids import free_ids
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.refusals import RowRefused, refused
from nightreel.catalog.user_rows import fragments, id_array, relation
from nightreel.vocabulary.title import Title

# Also if only the database may give ids: this one may come from its own sequence.
_INSERT = (
    "INSERT INTO {relation} ({id}, {name}, {url}) OVERRIDING SYSTEM VALUE"
    " VALUES (%s, %s, %s) ON CONFLICT ({id})"
)
_ADD = _INSERT + " DO UPDATE SET {name} = excluded.{name}, {url} = excluded.{url}"
_ADD_SOURCE = _INSERT + " DO UPDATE SET {url} = excluded.{url}"
_ADD_NEW = _INSERT + " DO NOTHING"
_SET_SOURCE = "UPDATE {relation} t SET {url_column} = %s WHERE {id} = ANY(%s)"


def add_title(cursor: Cursor, mapping: CatalogMapping, title: Title, name: str, video_url: str) -> None:
    """Inserts the row, or gives an existing one this name and URL.

    Raises RowRefused when the table refuses it, for example because another of its columns must
    not be null.
    """
    table = mapping.table_of(title.content_type)
    with _taken(table, title):
        _insert(cursor, _ADD, table, title, name, video_url)


def set_source(cursor: Cursor, mapping: CatalogMapping, title: Title, video_url: str, name: str) -> None:
    """Gives the title this source; if there is no such row, inserts one with this name.

    Raises RowRefused like `add_title`.
    """
    table = mapping.table_of(title.content_type)
    with _taken(table, title):
        # Not one statement, because PostgreSQL refuses an insert that lacks a column's value before it
        # finds that the row exists.
        cursor.execute(
            sql.SQL(_SET_SOURCE).format(
                **fragments(table), url_column=sql.Identifier(table.columns.video_url)
            ),
            (video_url, id_array([title.content_id])),
        )
        if not cursor.rowcount:
            _insert(cursor, _ADD_SOURCE, table, title, name, video_url)


def add_new_title(
    cursor: Cursor, mapping: CatalogMapping, content_type: str, video_url: str, name: str
) -> Title:
    """Inserts a row under an unused id.

    Raises RowRefused like `add_title`; ConfigurationError when no id can be generated.
    """
    table = mapping.table_of(content_type)
    while True:
        (content_id,) = free_ids(cursor, table, 1)
        title = Title(content_type, content_id)
        with _taken(table, title):
            _insert(cursor, _ADD_NEW, table, title, name, video_url)
        # Nothing was inserted if another transaction took the id meanwhile.
        if cursor.rowcount:
            return title


def _insert(
    cursor: Cursor, statement: str, table: TableMapping, title: Title, name: str, video_url: str
) -> None:
    columns: dict[str, Composable] = {
        "id": sql.Identifier(table.columns.id),
        "name": sql.Identifier(table.columns.title),
        "url": sql.Identifier(table.columns.video_url),
    }
    cursor.execute(
        sql.SQL(statement).format(relation=relation(table), **columns),
        (title.content_id, storable(name), video_url),
    )


def _taken(table: TableMapping, title: Title) -> AbstractContextManager[None]:
    # A missing right is a fault of the role, and is reported as one.
    return refused(
        f"table {table.table} did not take {title}",
        cure="insert the row some other way",
        error=RowRefused,
        but=(errors.InsufficientPrivilege,),
    )
