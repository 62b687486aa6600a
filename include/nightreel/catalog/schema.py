"""Whether the database is as Nightreel needs it: its own schema, and the user's tables."""

from nightreel.catalog.connection import Connect, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.mapping_check import check_mapping
from nightreel.catalog.migrate import migrate
from nightreel.catalog.outputs_check import UrlsOf, check_outputs


class Schema:
    """Nightreel's tables, and those that the mapping names."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def migrate(self) -> list[int]:
        """Brings the schema `nightreel` up to date; returns the versions that were applied."""
        return migrate(self._connect)

    def check_mapping(self) -> None:
        """Raises ConfigurationError naming each mapped table, column and right that is missing."""
        with transaction(self._connect) as cursor:
            check_mapping(cursor, self._mapping)

    def check_outputs(self, urls_of: UrlsOf) -> None:
        """Raises ConfigurationError naming each table and column that would make publishing fail.

        `urls_of` has the URLs that a title would get, by the role of their column.
        """
        with transaction(self._connect) as cursor:
            check_outputs(cursor, self._mapping, urls_of)
