"""Checks that the database is as Nightreel needs it: its own schema, and the user's tables."""

from nightreel.catalog import scan_index
from nightreel.catalog.connection import Connect, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.mapping_check import check_mapping
from nightreel.catalog.migrate import migrate
from nightreel.catalog.outputs_check import UrlsOf, check_outputs
from nightreel.catalog.scan_index import Advice


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

    def check_marks(self) -> None:
        """Raises ConfigurationError if rows are marked as converted whose titles are unknown."""
        with transaction(self._connect) as cursor:
            scan_index.check_marks(cursor, self._mapping)

    def scan_advice(self) -> list[Advice]:
        """What to do about each table of which scans read more than they must."""
        with transaction(self._connect) as cursor:
            return scan_index.advice(cursor, self._mapping)
