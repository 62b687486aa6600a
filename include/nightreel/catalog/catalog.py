"""The catalog: the user's tables and Nightreel's own, with an object for each kind of record."""

from typing import Self

from pydantic import SecretStr

from nightreel.catalog.api_keys import ApiKeys
from nightreel.catalog.attempts import Attempts
from nightreel.catalog.backlog import Backlog
from nightreel.catalog.claims import Claims
from nightreel.catalog.connection import (
    Connect,
    KeptConnections,
    LimitedConnections,
    Limits,
    connector,
    transaction,
)
from nightreel.catalog.content_keys import ContentKeys
from nightreel.catalog.cursors import Cursors
from nightreel.catalog.deliveries import Deliveries
from nightreel.catalog.events import Events
from nightreel.catalog.leases import Leases
from nightreel.catalog.leftovers import Leftovers
from nightreel.catalog.library import Library
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.named_sources import NamedSources
from nightreel.catalog.orphans import OrphanRecords
from nightreel.catalog.publish import Publications
from nightreel.catalog.purges import Purges
from nightreel.catalog.refused_rows import RefusedRows
from nightreel.catalog.releases import ReleaseRecords
from nightreel.catalog.runs import RunRecords
from nightreel.catalog.schema import Schema
from nightreel.catalog.sessions import Sessions
from nightreel.catalog.titles import Titles
from nightreel.catalog.tracks import Tracks
from nightreel.catalog.uploads import UploadRecords
from nightreel.catalog.verdicts import Verdicts
from nightreel.catalog.withdrawal import Withdrawals

_NO_SECRET = SecretStr("")


class Catalog:
    """Opens connections, and has an object for each kind of record.

    Each of their methods is one transaction on a separate connection, and raises CatalogUnavailable when the
    database does not answer. Only content keys need `key_secret`, which encrypts them.
    """

    def __init__(
        self,
        connect: Connect,
        mapping: CatalogMapping,
        key_secret: SecretStr = _NO_SECRET,
        limits: Limits | None = None,
    ) -> None:
        connect = connect if limits is None else LimitedConnections(connect, limits)
        self._connect = connect
        self._key_secret = key_secret
        self.mapping = mapping

        self.schema = Schema(connect, mapping)
        """Whether the database is as it must be."""
        self.titles = Titles(connect, mapping)
        """The user's rows, and the state of each title."""
        self.library = Library(connect, mapping)
        """All titles, for browsing and searching."""
        self.backlog = Backlog(connect, mapping)
        """The rows that wait for conversion."""
        self.refused_rows = RefusedRows(connect, mapping)
        """The rows that no run could convert."""

        self.claims = Claims(connect, mapping)
        """How runs come to own titles."""
        self.leases = Leases(connect, mapping)
        """The claims in force, and what runs record under them."""
        self.verdicts = Verdicts(connect, mapping)
        """How claims end other than by publishing."""
        self.attempts = Attempts(connect)
        """The attempts to convert titles."""
        self.runs = RunRecords(connect)
        """The runs of titles."""

        self.publications = Publications(connect, mapping)
        """How titles become public."""
        self.withdrawals = Withdrawals(connect, mapping)
        """How they are taken back."""
        self.releases = ReleaseRecords(connect)
        """What lies in the bucket, and may go."""
        self.tracks = Tracks(connect)
        """Which of them have which tracks."""
        self.content_keys = ContentKeys(connect, key_secret)
        """What releases are encrypted with."""
        self.purges = Purges(connect)
        """What must be purged from caches."""

        self.uploads = UploadRecords(connect, mapping)
        """The uploads in chunks."""
        self.named_sources = NamedSources(connect, mapping)
        """Which uploaded sources are still named."""
        self.orphans = OrphanRecords(connect, mapping)
        """Published titles whose row is gone."""
        self.leftovers = Leftovers(connect)
        """What belongs to nothing, and since when."""
        self.cursors = Cursors(connect)
        """The progress of chores that take several runs."""

        self.events = Events(connect)
        """What receivers are to be told."""
        self.deliveries = Deliveries(connect)
        """Which receiver got which event."""
        self.api_keys = ApiKeys(connect)
        """The keys with which programs use the API."""
        self.sessions = Sessions(connect)
        """The browsers that are signed in."""

    @classmethod
    def from_dsn(
        cls,
        dsn: str,
        mapping: CatalogMapping,
        key_secret: SecretStr = _NO_SECRET,
        limits: Limits | None = None,
    ) -> Self:
        """`dsn` is a libpq connection string or URI. Raises ConfigurationError if it is neither."""
        return cls(connector(dsn), mapping, key_secret, limits)

    def keeping_connections(self) -> Self:
        """The same catalog for a server with many requests: its connections are reused."""
        return type(self)(KeptConnections(self._connect), self.mapping, self._key_secret)

    def answer(self) -> None:
        """Does nothing if the database answers."""
        with transaction(self._connect):
            pass
