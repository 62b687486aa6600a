"""What the row of a title says of it: how its id is written there, and where its source is."""

import psycopg2
from psycopg2 import sql

from nightreel.catalog.claims import not_found
from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.title import Title


def source_of(cursor: Cursor, mapping: CatalogMapping, title: Title) -> str | None:
    """The title's `video_url`, None if it has none. Raises TitleNotFound."""
    table = mapping.table_of(title.content_type)
    query = sql.SQL("SELECT {url} AS url FROM {relation} t WHERE {id} = ANY(%s) LIMIT 1")
    try:
        cursor.execute(query.format(**fragments(table)), (id_array([title.content_id]),))
    except psycopg2.DataError:
        # "abc" is not the text of any integer.
        raise not_found(title, table) from None
    row = cursor.fetchone()
    if row is None:
        raise not_found(title, table)
    return None if row["url"] is None else str(row["url"])


def as_stored(cursor: Cursor, mapping: CatalogMapping, title: Title) -> Title:
    """The title with its id as the table writes it: 7 for `007`, a UUID in small letters.

    The database decides which ids are the same. A title that has no row is returned as it is.
    """
    if title.content_type not in mapping.content_types:
        return title
    query = sql.SQL("SELECT {id_text} AS content_id FROM {relation} t WHERE {id} = ANY(%s) LIMIT 1")
    cursor.execute("SAVEPOINT before_id")
    try:
        cursor.execute(
            query.format(**fragments(mapping.table_of(title.content_type))), (id_array([title.content_id]),)
        )
    except psycopg2.DataError:
        cursor.execute("ROLLBACK TO SAVEPOINT before_id")
        return title
    row = cursor.fetchone()
    return title if row is None else Title(title.content_type, row["content_id"])
