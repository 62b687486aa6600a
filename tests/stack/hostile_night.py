"""What there is to look at once a stack has worked on hostile titles for a night."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2

from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import credentials
from nightreel.local.home import Home
from tests.notify.listener import Listener
from tests.stack.hostile import HostileTitle


@dataclass(frozen=True)
class Night:
    """What there is after the night."""

    home: Home
    addresses: StackAddresses
    titles: tuple[HostileTitle, ...]
    touched: Path
    printed: str
    status: str
    webhook: Listener
    person: Listener

    @property
    def secrets(self) -> tuple[str, ...]:
        keys = credentials(self.home)
        return (keys.s3_secret_key, keys.jwt_secret, keys.key_secret)

    def rows(self, dsn: str, statement: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def page(self, path: str) -> httpx.Response:
        key = {"ApiKey": self.addresses.web_key}
        return httpx.get(f"{self.addresses.web_url}{path}", headers=key, trust_env=False, timeout=60)

    def published(self, url: str) -> str:
        return httpx.get(url, trust_env=False).raise_for_status().text

    @property
    def run_id(self) -> str:
        """The run that published the first title's first release."""
        (run_id,), *_ = self.rows(
            self.addresses.catalog_dsn,
            "SELECT owner FROM nightreel.attempts WHERE content_id = '1' ORDER BY started_at",
        )
        return str(run_id)


def enter(place: Any, addresses: StackAddresses, titles: tuple[HostileTitle, ...]) -> None:
    """As the user's own application does, in SQL."""
    for title in titles:
        if title.content is not None:
            place.bucket().put_file(title.content, title.url, "video/mp4", "no-cache")
    rows = [(title.content_id, title.name, title.url) for title in titles]
    with (
        closing(psycopg2.connect(addresses.catalog_dsn)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.executemany("INSERT INTO movies (id, title, video_url) VALUES (%s, %s, %s)", rows)
