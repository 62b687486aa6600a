"""A lock on rows that lasts while something is written elsewhere, in the bucket.

It lasts no longer than the connection that holds it, and the holder is not told when that is
cut off. So the holder checks before each write, on that very connection.
"""

import time

from nightreel.catalog.connection import Cursor
from nightreel.errors import CatalogUnavailable

LONGEST_HOLD_SECONDS = 120.0
"""Others who want the rows wait no longer than this."""
LONGEST_SILENCE = "90s"
"""Between two questions, after which PostgreSQL ends the transaction of a holder that was stopped.

More than one request to the bucket takes, which botocore gives up after 60 seconds.
"""


class RowLock:
    """The locks of a transaction; `what` names in an error what was locked."""

    def __init__(self, cursor: Cursor, what: str) -> None:
        self._cursor = cursor
        self._what = what
        self._until = time.monotonic() + LONGEST_HOLD_SECONDS
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = %s", (LONGEST_SILENCE,))

    def require(self) -> None:
        """Raises unless the locks are still held, and not for too long.

        CatalogUnavailable when they are held for too long; what psycopg2 raises, which ends the
        transaction as CatalogUnavailable too, when the connection is gone.
        """
        if time.monotonic() > self._until:
            raise CatalogUnavailable(
                f"{self._what} stayed locked for {LONGEST_HOLD_SECONDS:.0f} seconds, which is too long "
                "for others that wait for it; the bucket answers too slowly"
            )
        self._cursor.execute("SELECT 1")
