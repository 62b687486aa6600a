"""The progress of chores that cover only a part of the bucket in each run."""

from nightreel.catalog.connection import Connect, transaction

_MOVE = """
    INSERT INTO nightreel.cursors (chore, position) VALUES (%s, %s)
    ON CONFLICT (chore) DO UPDATE SET position = excluded.position, updated_at = now()
"""


class Cursors:
    """One position for each chore. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def position(self, chore: str) -> str:
        """The position after which the chore continues; empty: at the start."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT position FROM nightreel.cursors WHERE chore = %s", (chore,))
            row = cursor.fetchone()
            return "" if row is None else str(row["position"])

    def move(self, chore: str, position: str) -> None:
        """The chore continues here next time."""
        with transaction(self._connect) as cursor:
            cursor.execute(_MOVE, (chore, position))
