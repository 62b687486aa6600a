"""The titles that were taken down and must still be purged from caches."""

from datetime import datetime

from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.vocabulary.title import Title

_DUE = """
    INSERT INTO nightreel.purges_due (content_type, content_id) VALUES (%s, %s)
    ON CONFLICT (content_type, content_id) DO UPDATE SET since = clock_timestamp()
"""


def mark_due(cursor: Cursor, title: Title) -> None:
    """Records a title, in the transaction of its withdrawal."""
    cursor.execute(_DUE, (title.content_type, title.content_id))


class Purges:
    """Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def due(self) -> dict[Title, datetime]:
        """The titles, and since when."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT content_type, content_id, since FROM nightreel.purges_due ORDER BY since")
            return {Title(row["content_type"], row["content_id"]): row["since"] for row in cursor.fetchall()}

    def done(self, title: Title, since: datetime) -> None:
        """The title was purged of everything that was taken down by then."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "DELETE FROM nightreel.purges_due"
                " WHERE content_type = %s AND content_id = %s AND since <= %s",
                (title.content_type, title.content_id, since),
            )
