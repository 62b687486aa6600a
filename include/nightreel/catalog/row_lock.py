"""A lock on rows while something is written elsewhere, in the bucket.

It ends with the connection that holds it, and the holder is not told when that is cut off. So the holder
checks before each write, on that very connection.
"""

import time

from nightreel.catalog.connection import Cursor
from nightreel.errors import CatalogUnavailable

LONGEST_HOLD_SECONDS = 120.0
"""Others who want the rows wait no longer than this."""
LONGEST_SILENCE = "90s"
"""The longest time between two checks. Then PostgreSQL ends the transaction, as the holder may be stopped.

Longer than one request to the bucket, which botocore gives up after 60 seconds.
"""


class RowLock:
    """The locks of a transaction; in an error, `what` says what was locked."""

    def __init__(self, cursor: Cursor, what: str) -> None:
        self._cursor = cursor
        self._what = what
        self._until = time.monotonic() + LONGEST_HOLD_SECONDS
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = %s", (LONGEST_SILENCE,))

    def require(self) -> None:
        """Raises unless the locks are still held, and have not been held for too long.

        Raises CatalogUnavailable when they have. When the connection is gone, raises what psycopg2
        raises, and the transaction turns that into CatalogUnavailable.
        """
        if time.monotonic() > self._until:
            raise CatalogUnavailable(
                f"{self._what} stayed locked for {LONGEST_HOLD_SECONDS:.0f} seconds, which is too long "
                "for others that wait for it; the bucket answers too slowly"
            )
        self._cursor.execute("SELECT 1")
