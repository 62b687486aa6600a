"""Where the source of a title is, as its row says."""

import psycopg2
from psycopg2 import sql

from nightreel.catalog.claims import not_found
from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.title import Title


def source_of(cursor: Cursor, mapping: CatalogMapping, title: Title) -> str | None:
    """The title's `video_url`, None if it has none. Raises TitleNotFound."""
    table = mapping.table_of(title.content_type)
    query = sql.SQL("SELECT {url} AS url FROM {relation} t WHERE {id} = ANY(%s) AND {id_text} = %s")
    try:
        cursor.execute(query.format(**fragments(table)), (id_array([title.content_id]), title.content_id))
    except psycopg2.DataError:
        # "abc" is not the text of any integer.
        raise not_found(title, table) from None
    row = cursor.fetchone()
    if row is None:
        raise not_found(title, table)
    return None if row["url"] is None else str(row["url"])
