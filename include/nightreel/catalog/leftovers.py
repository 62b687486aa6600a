"""What housekeeping found to belong to nothing, and since when."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from nightreel.catalog.connection import Connect, transaction

Kind = Literal["unnamed_upload"]
"""Orphaned titles are found and recorded by one statement (`catalog.orphans`)."""

_FORGET = "DELETE FROM nightreel.leftovers WHERE kind = %s AND name <> ALL(%s)"
_FIND = """
    INSERT INTO nightreel.leftovers (kind, name) SELECT %s, name FROM unnest(%s::text[]) name
    ON CONFLICT DO NOTHING
"""
_FOUND = """
    SELECT name FROM nightreel.leftovers WHERE kind = %s AND found_at <= now() - %s ORDER BY name
"""


class Leftovers:
    """Names of what belongs to nothing. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def replace(self, kind: Kind, names: Iterable[str]) -> None:
        """Remembers these names, new ones from now on, and forgets all others of the kind."""
        listed = list(names)
        with transaction(self._connect) as cursor:
            cursor.execute(_FORGET, (kind, listed))
            cursor.execute(_FIND, (kind, listed))

    def found(self, kind: Kind, age: timedelta = timedelta(0)) -> list[str]:
        """The names that have belonged to nothing for this long."""
        with transaction(self._connect) as cursor:
            cursor.execute(_FOUND, (kind, age))
            return [row["name"] for row in cursor.fetchall()]
