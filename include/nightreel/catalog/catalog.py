"""The catalog: each method is one transaction on a connection of its own."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import SecretStr

from nightreel.catalog import (
    additions,
    claims,
    events,
    free_ids,
    history,
    leases,
    mapping_check,
    migrate,
    outputs_check,
    publish,
    scan,
    sources,
    status,
    verdicts,
    withdrawal,
)
from nightreel.catalog.api_keys import ApiKeys
from nightreel.catalog.connection import (
    Connect,
    Cursor,
    KeptConnections,
    LimitedConnections,
    Limits,
    connector,
    transaction,
)
from nightreel.catalog.content_keys import ContentKeys
from nightreel.catalog.cursors import Cursors
from nightreel.catalog.deliveries import Deliveries
from nightreel.catalog.history import TitleAttempt
from nightreel.catalog.jobs import JobRecords
from nightreel.catalog.leftovers import Leftovers
from nightreel.catalog.library import Library
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.named_sources import NamedSources
from nightreel.catalog.orphans import OrphanRecords
from nightreel.catalog.purges import Purges
from nightreel.catalog.records import (
    MAX_ATTEMPTS,
    AttemptOutcome,
    BacklogRow,
    Claim,
    HeldClaim,
    PastConversion,
    Refusal,
    TitleStatus,
)
from nightreel.catalog.refused_rows import RefusedRows
from nightreel.catalog.releases import ReleaseRecords
from nightreel.catalog.sessions import Sessions
from nightreel.catalog.uploads import UploadRecords
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title

_NO_SECRET = SecretStr("")


class Catalog:
    """The user's tables and Nightreel's own beside them.

    Its own methods find titles, claim, convert, publish and withdraw them; what the web app,
    notifications and encryption remember has a facade each. Every method, theirs included,
    raises CatalogUnavailable when the database does not answer. Those that take a claim raise
    ClaimLost once another run owns the title. `key_secret` is what content keys are stored
    under; nothing else needs it.
    """

    def __init__(
        self,
        connect: Connect,
        mapping: CatalogMapping,
        key_secret: SecretStr = _NO_SECRET,
        limits: Limits | None = None,
    ) -> None:
        self._connect = connect if limits is None else LimitedConnections(connect, limits)
        self._key_secret = key_secret
        self.mapping = mapping

    @classmethod
    def from_dsn(
        cls,
        dsn: str,
        mapping: CatalogMapping,
        key_secret: SecretStr = _NO_SECRET,
        limits: Limits | None = None,
    ) -> Self:
        """`dsn` is a libpq connection string or URI. Raises ConfigurationError when it is not."""
        return cls(connector(dsn), mapping, key_secret, limits)

    def keeping_connections(self) -> Self:
        """The same catalog for a server of many requests: its connections are used again."""
        return type(self)(KeptConnections(self._connect), self.mapping, self._key_secret)

    def _transaction(self) -> AbstractContextManager[Cursor]:
        return transaction(self._connect)

    # --- records that have a facade of their own ---

    @property
    def library(self) -> Library:
        """All titles, to be looked through."""
        return Library(self._connect, self.mapping)

    @property
    def refused_rows(self) -> RefusedRows:
        """The rows that no run could convert."""
        return RefusedRows(self._connect, self.mapping)

    @property
    def uploads(self) -> UploadRecords:
        """The uploads in chunks."""
        return UploadRecords(self._connect, self.mapping)

    @property
    def named_sources(self) -> NamedSources:
        """Which uploaded sources anything names."""
        return NamedSources(self._connect, self.mapping)

    @property
    def jobs(self) -> JobRecords:
        """The runs of titles."""
        return JobRecords(self._connect)

    @property
    def releases(self) -> ReleaseRecords:
        """What lies in the bucket, and may go."""
        return ReleaseRecords(self._connect)

    @property
    def orphans(self) -> OrphanRecords:
        """Published titles whose row is gone."""
        return OrphanRecords(self._connect, self.mapping)

    @property
    def leftovers(self) -> Leftovers:
        """What is nobody's, and since when."""
        return Leftovers(self._connect)

    @property
    def cursors(self) -> Cursors:
        """How far chores came that take several runs."""
        return Cursors(self._connect)

    @property
    def purges(self) -> Purges:
        """What caches are to be purged of."""
        return Purges(self._connect)

    @property
    def deliveries(self) -> Deliveries:
        """Which receiver was told of which event."""
        return Deliveries(self._connect)

    @property
    def content_keys(self) -> ContentKeys:
        """What releases are encrypted with."""
        return ContentKeys(self._connect, self._key_secret)

    @property
    def api_keys(self) -> ApiKeys:
        """What programs show to use the API."""
        return ApiKeys(self._connect)

    @property
    def sessions(self) -> Sessions:
        """The browsers that are signed in."""
        return Sessions(self._connect)

    # --- set-up ---

    def migrate(self) -> list[int]:
        """Brings the schema `nightreel` up to date; returns the versions that were applied."""
        return migrate.migrate(self._connect)

    def answer(self) -> None:
        """Does nothing, if the database answers."""
        with self._transaction():
            pass

    def now(self) -> datetime:
        """The database's clock, by which attempts are dated."""
        with self._transaction() as cursor:
            return status.now(cursor)

    def check_mapping(self) -> None:
        """Raises ConfigurationError naming each mapped table, column and right that is missing."""
        with self._transaction() as cursor:
            mapping_check.check_mapping(cursor, self.mapping)

    def check_outputs(self, urls_of: outputs_check.UrlsOf) -> None:
        """Raises ConfigurationError naming each table and column that publishing would stumble over.

        `urls_of` has the URLs that a title would get, by the role of their column.
        """
        with self._transaction() as cursor:
            outputs_check.check_outputs(cursor, self.mapping, urls_of)

    def require_taken(self, title: Title, urls: Mapping[str, str]) -> None:
        """Raises ConfigurationError where the title's own row would not take these URLs, by their roles."""
        with self._transaction() as cursor:
            outputs_check.require_taken(cursor, self.mapping, title, urls)

    def add_title(self, title: Title, name: str, video_url: str) -> None:
        """Inserts a row into the user's table, or gives it this name and URL.

        Raises ConfigurationError when the table refuses it.
        """
        with self._transaction() as cursor:
            additions.add_title(cursor, self.mapping, title, name, video_url)

    def set_source(self, title: Title, video_url: str, name: str) -> None:
        """Gives the title this source; where there is no such row, one with this name is inserted.

        Raises RowRefused when the table refuses it.
        """
        with self._transaction() as cursor:
            additions.set_source(cursor, self.mapping, title, video_url, name)

    def free_ids(self, content_type: str, count: int) -> list[str]:
        """Ids for so many new titles. Raises ConfigurationError when none can be made up."""
        with self._transaction() as cursor:
            return free_ids.free_ids(cursor, self.mapping.table_of(content_type), count)

    def as_stored(self, title: Title) -> Title:
        """The title with its id as its table writes it: 7 for `007`, a UUID in small letters."""
        with self._transaction() as cursor:
            return sources.as_stored(cursor, self.mapping, title)

    def source_of(self, title: Title) -> str | None:
        """The title's `video_url`, None if it has none. Raises TitleNotFound."""
        with self._transaction() as cursor:
            return sources.source_of(cursor, self.mapping, title)

    # --- backlog and claims ---

    def scan(
        self, limit: int, max_source_bytes: int = scan.ANY_SIZE, max_attempts: int = MAX_ATTEMPTS
    ) -> list[BacklogRow]:
        """The unconverted titles that have a source, oldest first."""
        with self._transaction() as cursor:
            return scan.unconverted(cursor, self.mapping, limit, scan.Allowed(max_attempts, max_source_bytes))

    def rows(self, titles: Sequence[Title]) -> list[BacklogRow]:
        """The rows of those of the titles that the user's tables have, in the order given."""
        with self._transaction() as cursor:
            return scan.rows_of(cursor, self.mapping, titles)

    def claim(
        self, titles: Sequence[Title], night: str, lease: timedelta, force: bool = False
    ) -> list[Claim]:
        """Claims those of the titles that are free for the runs of a night, and passes over the others.

        A night that asks again is given its claims again.
        """
        request = claims.Request(night, lease, force, by_night=True)
        with self._transaction() as cursor:
            return claims.claim_many(cursor, self.mapping, titles, request)

    def claim_one(self, title: Title, owner: str, lease: timedelta, force: bool = False) -> Claim | Refusal:
        """Claims one title, or says why not. Raises TitleNotFound when there is no such row."""
        with self._transaction() as cursor:
            return claims.claim_one(cursor, self.mapping, title, claims.Request(owner, lease, force))

    def adopt(self, title: Title, token: str, owner: str, lease: timedelta) -> Claim:
        """Takes over the claim that another run made for this one."""
        with self._transaction() as cursor:
            return leases.adopt(cursor, self.mapping, title, token, owner, lease)

    def heartbeat(self, claim: Claim | str, lease: timedelta) -> None:
        """Renews the lease of a claim, or of a claim's token.

        Raises TitleNotFound when the user's row is gone.
        """
        with self._transaction() as cursor:
            leases.heartbeat(cursor, self.mapping, claim if isinstance(claim, str) else claim.token, lease)

    def choose_encryption(self, title: Title, encrypt: bool) -> None:
        """Remembers for this and later conversions whether the title is encrypted.

        A published title that is not as was chosen may be claimed again. Raises TitleNotFound.
        """
        with self._transaction() as cursor:
            claims.choose_encryption(cursor, self.mapping, title, encrypt)

    # --- while a title is being converted ---

    def record_source(
        self, claim: Claim, url: str, size: int, etag: str | None, fingerprint: str | None
    ) -> None:
        """Where the source was fetched from, and what came. `size` in bytes."""
        with self._transaction() as cursor:
            leases.record_source(cursor, claim, url, size, etag, fingerprint)

    def record_plan(self, claim: Claim, plan: Mapping[str, Any]) -> None:
        """Keeps the plan with the attempt. Raises ClaimLost."""
        with self._transaction() as cursor:
            leases.record_plan(cursor, claim, plan)

    def record_timings(self, claim: Claim, timings: Mapping[str, Any]) -> None:
        """Adds seconds by step to the attempt, also after its end."""
        with self._transaction() as cursor:
            leases.record_timings(cursor, claim, timings)

    def warn(self, claim: Claim, sentences: Sequence[str]) -> None:
        """Adds the sentences that the title does not carry yet."""
        with self._transaction() as cursor:
            leases.warn(cursor, claim, sentences)

    # --- how it ends ---

    def publishing(self, claim: Claim) -> AbstractContextManager[publish.Publication]:
        """Locks the title; `complete(result)` inside, then write the stable manifests.

        All rows are committed at the end of the block, and undone by an exception in it.
        """
        return publish.publishing(self._connect, self.mapping, claim)

    def warn_published(self, title: Title, release: str, sentences: Sequence[str]) -> None:
        """Adds the sentences that the title does not carry yet, while this is its release."""
        with self._transaction() as cursor:
            publish.warn(cursor, title, release, sentences)

    def end_unchanged(self, claim: Claim) -> bool:
        """Ends the claim if its source, as recorded, is the one that is published; whether it did."""
        with self._transaction() as cursor:
            return verdicts.end_unchanged(cursor, claim)

    def quarantine(self, claim: Claim, code: str, sentence: str) -> None:
        """Refuses the source until it changes, is requeued, or a person forces it."""
        self._conclude(claim, verdicts.Verdict("quarantined", "quarantined", code, sentence))

    def fail(self, claim: Claim, code: str, sentence: str, *, counted: bool = True) -> None:
        """Gives the title up for tonight. `counted` says whether that was one of its tries."""
        self._conclude(claim, verdicts.Verdict("failed", "failed", code, sentence, counted))

    def release_claim(self, claim: Claim) -> None:
        """Puts the title back into the backlog: the run ended before there was any verdict."""
        self._conclude(claim, verdicts.RELEASED)

    def release_deleted(self, token: str) -> None:
        """Ends a claim whose row the user deleted: nothing failed, and there is nothing left to convert."""
        with self._transaction() as cursor:
            verdicts.release_deleted(cursor, token)

    def _conclude(self, claim: Claim, verdict: verdicts.Verdict) -> None:
        with self._transaction() as cursor:
            verdicts.conclude(cursor, claim, verdict)

    def requeue(self, title: Title) -> bool:
        """Puts a quarantined or failed title back into the backlog; False if it was neither."""
        with self._transaction() as cursor:
            return verdicts.requeue(cursor, title)

    def requeue_failed(self, content_type: str | None = None) -> int:
        """Puts all failed titles, or those of one type, back into the backlog; how many there were."""
        content_types = list(self.mapping.content_types) if content_type is None else [content_type]
        with self._transaction() as cursor:
            return verdicts.requeue_failed(cursor, content_types)

    # --- withdrawing ---

    def withdraw(self, title: Title, *, orphaned: bool = False) -> Refusal | None:
        """Clears every row that leads to a release of the title, and quarantines it.

        An `orphaned` one, whose row is gone, is not quarantined. The refusal is that of a run
        that has it claimed. Raises TitleNotFound, RowIsThere.
        """
        with self._transaction() as cursor:
            return withdrawal.withdraw(cursor, self.mapping, title, orphaned=orphaned)

    def unfinished_withdrawals(self) -> list[Title]:
        """The titles without a release of which the bucket still holds one.

        They were withdrawn, or their first publishing stopped halfway.
        """
        with self._transaction() as cursor:
            return withdrawal.unfinished(cursor)

    # --- reports ---

    def history(self, title: Title, limit: int = 100) -> list[TitleAttempt]:
        """The latest attempts of a title, the newest first."""
        with self._transaction() as cursor:
            return history.attempts(cursor, title, limit)

    def forget_attempts(self, kept: int, older_than: timedelta) -> int:
        """Forgets old attempts but for the latest ones of each title; how many."""
        with self._transaction() as cursor:
            return history.forget_attempts(cursor, kept, older_than)

    def forget_releases(self, older_than: timedelta) -> int:
        """Forgets releases that were deleted so long ago; how many."""
        with self._transaction() as cursor:
            return history.forget_releases(cursor, older_than)

    def past_conversions(self) -> list[PastConversion]:
        """What the latest conversions took."""
        with self._transaction() as cursor:
            return history.past_conversions(cursor)

    def status(
        self,
        content_type: str | None = None,
        content_id: str | None = None,
        states: Sequence[State] | None = None,
        limit: int | None = None,
    ) -> list[TitleStatus]:
        """The titles of the user's tables and how far each is."""
        with self._transaction() as cursor:
            return status.statuses(
                cursor,
                self.mapping,
                content_type=content_type,
                content_id=content_id,
                states=states,
                limit=limit,
            )

    def outcomes(self, tokens: Sequence[str]) -> list[AttemptOutcome]:
        """How the attempts with these tokens ended."""
        with self._transaction() as cursor:
            return status.outcomes(cursor, tokens)

    def outcomes_of_night(self, night: str) -> list[AttemptOutcome]:
        """How the latest attempt of each title that this night began ended."""
        with self._transaction() as cursor:
            return status.outcomes_of_night(cursor, night)

    def begun_by_night(self, night: str, since: datetime) -> list[Title]:
        """The titles that this night began at this moment or later, by the clock of `now`."""
        with self._transaction() as cursor:
            return status.begun_by_night(cursor, night, since)

    def mark_deadline_missed(self, owner: str, waiting: Title | None = None) -> list[Title]:
        """Records the miss on the titles that this run has in work, and returns them.

        `waiting` is the title that a run was triggered for, which may not have begun.
        """
        with self._transaction() as cursor:
            return status.mark_deadline_missed(cursor, owner, waiting)

    # --- events: what others are to be told ---

    def record_backlog_report(self, owner: str, report: Mapping[str, Any]) -> None:
        """What the night of this run came to."""
        with self._transaction() as cursor:
            events.record(cursor, "backlog_report", owner, {"job_id": owner, **report})

    def forget_events(self, older_than: timedelta) -> int:
        """Deletes old events and their deliveries; how many events there were."""
        with self._transaction() as cursor:
            return events.forget(cursor, older_than)

    # --- housekeeping ---

    def held_claims(self) -> list[HeldClaim]:
        """All claims that nobody has ended, those whose lease ran out included."""
        with self._transaction() as cursor:
            return leases.held(cursor)

    def expire_claims(self, max_attempts: int = MAX_ATTEMPTS) -> list[Title]:
        """Frees the titles whose run let its lease run out, and returns them."""
        with self._transaction() as cursor:
            return verdicts.expire_claims(cursor, max_attempts)

    def expire_claim(self, token: str, max_attempts: int = MAX_ATTEMPTS) -> bool:
        """Frees the title of a claim that no run will end; False if it was ended meanwhile."""
        with self._transaction() as cursor:
            return verdicts.expire_claim(cursor, token, max_attempts)
