"""Adding a title to the user's own table, for `nightreel add`."""

import psycopg2
from psycopg2 import sql

from nightreel.catalog.connection import Cursor, storable, summary
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.user_rows import relation
from nightreel.errors import ConfigurationError
from nightreel.title import Title

_ADD = """
    INSERT INTO {relation} ({id}, {name}, {url}) VALUES (%s, %s, %s)
    ON CONFLICT ({id}) DO UPDATE SET {name} = excluded.{name}, {url} = excluded.{url}
"""


def add_title(cursor: Cursor, mapping: CatalogMapping, title: Title, name: str, video_url: str) -> None:
    """Inserts the row, or gives an existing one this name and URL.

    Raises ConfigurationError when the table refuses it, for one because another of its
    columns must not be null.
    """
    table = mapping.table_of(title.content_type)
    try:
        cursor.execute(
            sql.SQL(_ADD).format(
                relation=relation(table),
                id=sql.Identifier(table.columns.id),
                name=sql.Identifier(table.columns.title),
                url=sql.Identifier(table.columns.video_url),
            ),
            (title.content_id, storable(name), video_url),
        )
    except psycopg2.OperationalError:
        raise
    except psycopg2.Error as error:
        raise ConfigurationError(
            f"table {table.table} did not take {title}: {summary(error)}; insert the row by other means"
        ) from error
