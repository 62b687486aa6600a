"""The titles of the user's tables: their state, where their sources are, and new ones."""

from collections.abc import Mapping, Sequence

import psycopg2
from psycopg2 import sql

from nightreel.catalog import additions, free_ids, outputs_check, status
from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.records import TitleStatus
from nightreel.catalog.user_rows import fragments, id_array, not_found
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title


class Titles:
    """The rows of the user's tables, as titles. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def status(
        self,
        content_type: str | None = None,
        content_id: str | None = None,
        states: Sequence[State] | None = None,
        limit: int | None = None,
    ) -> list[TitleStatus]:
        """The state of each title, by content type and id."""
        with transaction(self._connect) as cursor:
            return status.statuses(
                cursor,
                self._mapping,
                content_type=content_type,
                content_id=content_id,
                states=states,
                limit=limit,
            )

    def as_stored(self, title: Title) -> Title:
        """The title with its id as its table writes it: 7 for `007`, a UUID in lower case.

        The database decides which ids are the same. A title that has no row is returned as it is.
        """
        with transaction(self._connect) as cursor:
            return as_stored(cursor, self._mapping, title)

    def source_of(self, title: Title) -> str | None:
        """The title's `video_url`, None if it has none. Raises TitleNotFound."""
        table = self._mapping.table_of(title.content_type)
        with transaction(self._connect) as cursor:
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

    def add(self, title: Title, name: str, video_url: str) -> None:
        """Inserts a row, or gives an existing one this name and URL.

        Raises RowRefused when the table refuses it, for example because another of its columns must
        not be null.
        """
        with transaction(self._connect) as cursor:
            additions.add_title(cursor, self._mapping, title, name, video_url)

    def set_source(self, title: Title, video_url: str, name: str) -> None:
        """Gives the title this source; if there is no such row, inserts one with this name.

        Raises RowRefused like `add`.
        """
        with transaction(self._connect) as cursor:
            additions.set_source(cursor, self._mapping, title, video_url, name)

    def free_ids(self, content_type: str, count: int) -> list[str]:
        """Ids for this many new titles. Raises ConfigurationError when none can be generated."""
        with transaction(self._connect) as cursor:
            return free_ids.free_ids(cursor, self._mapping.table_of(content_type), count)

    def require_taken(self, title: Title, urls: Mapping[str, str]) -> None:
        """Raises ConfigurationError if the title's row would not accept these URLs, which are by role."""
        with transaction(self._connect) as cursor:
            outputs_check.require_taken(cursor, self._mapping, title, urls)


def as_stored(cursor: Cursor, mapping: CatalogMapping, title: Title) -> Title:
    """The title with its id as the table writes it: 7 for `007`, a UUID in lower case.

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
