"""A catalog in which things happen, and those who are told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.settings import Settings, load_settings
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, Database, catalog, database, mapping, publish
from tests.notify.listener import SECRET, Listener, listening

__all__ = ["catalog", "database", "mapping"]

Happen = Callable[..., Claim]
Told = Callable[..., Settings]


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def other() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def settings_for() -> Told:
    """The settings under which these are told by webhooks."""

    def load(*listeners: Listener, **options: Any) -> Settings:
        urls = ",".join(listener.url for listener in listeners)
        return load_settings(**{"webhook_urls": urls, "webhook_secret": SECRET, **options})

    return load


@pytest.fixture
def happen(catalog: Catalog, database: Database) -> Happen:
    """Lets a movie be published, quarantined or failed by a run."""

    def end(kind: str, number: int = 1, run: str = "") -> Claim:
        title = Title("movie", str(number))
        if not database.query("SELECT FROM movies WHERE id = %s", number):
            database.add_movie(number)
        claim = catalog.claims.one(title, run or f"run-{number}", LEASE, force=True)
        assert isinstance(claim, Claim)
        if kind == "published":
            publish(catalog, claim)
        elif kind == "quarantined":
            catalog.verdicts.quarantine(claim, "no_video", "There is no picture in it.")
        else:
            catalog.verdicts.fail(claim, "encoder_failed", "transcode: FFmpeg ended with exit code 1")
        return claim

    return end
