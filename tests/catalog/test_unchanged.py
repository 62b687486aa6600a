"""A source that is fetched from another address, and is the film that is published already."""

from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim
from nightreel.catalog.connection import connector
from nightreel.catalog.migrate import migrate, migrations
from nightreel.errors import ClaimLost
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, PAST, Database, publish, scanned

Claimed = Callable[..., Claim]

FILM, OTHER = "ab" * 32, "cd" * 32


def fetched(catalog: Catalog, claim: Claim, digest: str = FILM) -> Claim:
    catalog.leases.record_source(claim, claim.source_url, 5_000_000, "etag", digest)
    return claim


def move(database: Database, url: str) -> None:
    database.query("UPDATE movies SET video_url = %s", url)


@pytest.fixture
def moved(catalog: Catalog, database: Database, claimed: Claimed) -> Title:
    """A published title, with a warning, whose row names another address since."""
    title = database.add_movie(1)
    claim = fetched(catalog, claimed(title))
    catalog.leases.warn(claim, ["The sound is damaged."])
    publish(catalog, claim)
    move(database, "movies/moved.mp4")
    return title


def kept(database: Database, title: Title) -> dict[str, Any]:
    names: Sequence[str] = ("state", "release", "hls_url", "published_at", "warnings", "variants", "bytes")
    conversion = database.conversion(title)
    return {name: conversion[name] for name in names}


def test_the_same_film_at_another_address_leaves_the_title_as_it_is_published(
    catalog: Catalog, database: Database, claimed: Claimed, moved: Title
) -> None:
    before, row = kept(database, moved), database.row("SELECT * FROM movies")
    assert scanned(catalog) == ["movie 1"]
    claim = fetched(catalog, claimed(moved))
    assert catalog.verdicts.end_unchanged(claim)
    assert kept(database, moved) == before
    assert before["warnings"] == ["The sound is damaged."]
    assert database.row("SELECT * FROM movies") == row
    conversion, attempt = database.conversion(moved), database.attempt(claim)
    assert conversion["claim_token"] is conversion["owner"] is conversion["reason"] is None
    assert (attempt["outcome"], attempt["reason_code"]) == ("unchanged", "same_source")
    assert attempt["ended_at"] is not None


def test_it_is_not_fetched_again_from_there(
    catalog: Catalog, database: Database, claimed: Claimed, moved: Title
) -> None:
    catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved)))
    assert scanned(catalog) == []
    assert not isinstance(catalog.claims.one(moved, "by hand", LEASE), Claim)
    move(database, "movies/moved-again.mp4")
    assert catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved)))


def test_another_film_is_converted(catalog: Catalog, claimed: Claimed, moved: Title) -> None:
    claim = fetched(catalog, claimed(moved), OTHER)
    assert not catalog.verdicts.end_unchanged(claim)
    publish(catalog, claim)
    # From now on, that one is the film which the title has.
    assert catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved, force=True), OTHER)) is False


def test_what_was_forced_is_converted_also_when_its_first_try_failed(
    catalog: Catalog, claimed: Claimed, moved: Title
) -> None:
    forced = fetched(catalog, claimed(moved, force=True))
    assert not catalog.verdicts.end_unchanged(forced)
    catalog.verdicts.fail(forced, "encoder_failed", "it crashed")
    assert not catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved, run_id="the next night")))


def test_what_failed_before_it_was_fetched_is_compared_at_its_next_try(
    catalog: Catalog, database: Database, claimed: Claimed, moved: Title
) -> None:
    before = kept(database, moved)
    catalog.verdicts.fail(claimed(moved), "storage_unavailable", "its origin was away")
    assert catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved, run_id="the next night")))
    assert kept(database, moved) == before


def test_a_title_that_is_to_be_encrypted_from_now_on_is_converted(
    catalog: Catalog, claimed: Claimed, moved: Title
) -> None:
    catalog.claims.choose_encryption(moved, True)
    assert not catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved)))


def test_a_title_that_is_not_published_is_converted(
    catalog: Catalog, database: Database, claimed: Claimed, moved: Title
) -> None:
    assert catalog.withdrawals.withdraw(moved) is None
    move(database, "movies/back.mp4")
    assert not catalog.verdicts.end_unchanged(fetched(catalog, claimed(moved)))
    first = database.add_movie(2)
    assert not catalog.verdicts.end_unchanged(fetched(catalog, claimed(first)))


def test_a_source_without_a_digest_is_converted(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    publish(catalog, claimed(title))
    move(database, "movies/moved.mp4")
    assert not catalog.verdicts.end_unchanged(claimed(title))


def test_a_claim_that_is_another_runs_ends_nothing(catalog: Catalog, claimed: Claimed, moved: Title) -> None:
    late = fetched(catalog, claimed(moved, lease=PAST))
    claimed(moved, run_id="another run")
    with pytest.raises(ClaimLost):
        catalog.verdicts.end_unchanged(late)


def test_the_heartbeat_of_a_run_that_ended_so_finds_nothing_lost(
    catalog: Catalog, claimed: Claimed, moved: Title
) -> None:
    claim = fetched(catalog, claimed(moved))
    assert catalog.verdicts.end_unchanged(claim)
    catalog.leases.renew(claim, LEASE)


def test_of_what_was_published_before_this_was_asked_the_source_is_known(
    demo_dsn: str, mapping: CatalogMapping, tmp_path: Path
) -> None:
    for migration in migrations():
        if migration.path.stem < "0010":
            copyfile(migration.path, tmp_path / migration.path.name)
    migrate(connector(demo_dsn), tmp_path)
    database, catalog = Database(demo_dsn), Catalog.from_dsn(demo_dsn, mapping)
    title = database.add_movie(1)
    database.query(
        "INSERT INTO nightreel.conversions (content_type, content_id, state, release, source_url,"
        " source_fingerprint, warnings) VALUES ('movie', '1', 'published', 'r', 'movies/1.mp4', %s, '{w}')",
        FILM,
    )
    catalog.schema.migrate()
    move(database, "movies/moved.mp4")
    answer = catalog.claims.one(title, "run-1", LEASE)
    assert isinstance(answer, Claim)
    assert catalog.verdicts.end_unchanged(fetched(catalog, answer))
    assert database.conversion(title)["warnings"] == ["w"]
