"""A catalog, a bucket, and housekeeping's chores on them, for processes that may be stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nightreel.catalog import Catalog
from nightreel.housekeeping.releases import delete_superseded, delete_unknown, lead_back
from nightreel.releases.withdrawal import finish_withdrawals
from nightreel.storage.bucket import Bucket
from tests.catalog.conftest import Database
from tests.releases.bucket_model import QUARTER
from tests.releases.stopped_process import Process, StoppableBucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PUBLIC_URL = "https://media.example"
NONE = timedelta(0)
NOW = timedelta(seconds=-5)
"""An age that everything has reached, though the clock of the store may be a little off."""

TITLES = (7, 8)


def return_expired_claims(catalog: Catalog, _: Bucket) -> None:
    catalog.verdicts.expire_all()


def give_up_abandoned(catalog: Catalog, _: Bucket) -> None:
    catalog.releases.give_up_abandoned()


def delete_all_superseded(catalog: Catalog, bucket: Bucket) -> None:
    delete_superseded(catalog, bucket, NONE)


def delete_long_superseded(catalog: Catalog, bucket: Bucket) -> None:
    delete_superseded(catalog, bucket, QUARTER)


def delete_all_unknown(catalog: Catalog, bucket: Bucket) -> None:
    delete_unknown(catalog, bucket, NOW)


def forget_deleted(catalog: Catalog, _: Bucket) -> None:
    catalog.releases.forget(NONE)


Chore = Callable[[Catalog, Bucket], object]
DELETIONS: tuple[Chore, ...] = (delete_all_superseded, delete_long_superseded)
CHORES: tuple[Chore, ...] = (
    *DELETIONS,
    return_expired_claims,
    give_up_abandoned,
    finish_withdrawals,
    lead_back,
    delete_all_unknown,
    forget_deleted,
)


@dataclass
class World:
    """The services, as they are and as a process that may be stopped uses them."""

    database: Database
    client: "S3Client"
    name: str
    catalog: Catalog
    process: Process
    folder: Path
    buckets: int = 0
    releases: int = 0

    def begin(self) -> None:
        """Two titles, and an empty bucket: the server goes on listing folders whose objects are gone."""
        self.buckets, self.releases = self.buckets + 1, 0
        name = f"{self.name}-{self.buckets}"
        self.bucket = Bucket(self.client, name, PUBLIC_URL)
        self.stoppable = StoppableBucket(self.client, name, PUBLIC_URL, self.process)
        self.bucket.ensure_exists()
        self.database.query(
            "TRUNCATE movies, nightreel.conversions, nightreel.attempts, nightreel.releases CASCADE"
        )
        for number in TITLES:
            self.database.add_movie(number)

    def new_release_id(self) -> str:
        """In one order, or no failure could be repeated."""
        self.releases += 1
        return f"20260101T000000-{self.releases:08x}"

    def keys(self) -> set[str]:
        return {item.key for item in self.bucket.list("")}

    def rows(self) -> list[dict[str, Any]]:
        return self.database.query(
            "SELECT content_id, c.release, ARRAY[m.hls_url, m.dash_url, m.thumbnail_url,"
            " c.hls_url, c.dash_url, c.poster_url] AS urls"
            " FROM movies m JOIN nightreel.conversions c ON c.content_id = m.id::text"
        )

    def move_clock(self, by: timedelta) -> None:
        self.database.query("UPDATE nightreel.releases SET superseded_at = superseded_at - %s", by)

    def let_claims_lapse(self, title_id: str | None = None) -> None:
        self.database.query(
            "UPDATE nightreel.conversions SET lease_expires_at = now() - interval '1 second'"
            " WHERE state = 'claimed' AND content_id = coalesce(%s, content_id)",
            title_id,
        )
