"""Titles that have only a first release: they wait to be completed, after those that have none."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim, Refusal
from nightreel.catalog.records import PastConversion
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, RESULT, Database, publish, scanned

Claimed = Callable[..., Claim]

FIRST = replace(RESULT, complete=False)
FILM, OTHER = "ab" * 32, "cd" * 32


def fetched(catalog: Catalog, claim: Claim, digest: str = FILM) -> Claim:
    catalog.leases.record_source(claim, claim.source_url, 5_000_000, "etag", digest)
    return claim


@pytest.fixture
def first(catalog: Catalog, database: Database, claimed: Claimed) -> Title:
    """A title that has its first release."""
    title = database.add_movie(1)
    publish(catalog, fetched(catalog, claimed(title)), FIRST)
    return title


def test_of_a_completion_only_what_it_added_counts_as_what_it_took(
    catalog: Catalog, claimed: Claimed, first: Title
) -> None:
    assert [past.part for past in catalog.attempts.past_conversions()] == ["first"]
    whole = replace(RESULT, bytes=RESULT.bytes + 1000, files_uploaded=50, processing_seconds=99.0)
    publish(catalog, fetched(catalog, claimed(first)), whole)
    assert catalog.attempts.past_conversions() == [
        PastConversion("rest", 60.4, 99.0, 1000, 8),
        PastConversion("first", 60.4, 12.5, RESULT.bytes, 42),
    ]
    publish(catalog, claimed(first, force=True), whole)
    assert catalog.attempts.past_conversions()[0] == PastConversion("whole", 60.4, 99.0, whole.bytes, 50)


def waiting(catalog: Catalog) -> list[str]:
    return [str(row.title) for row in catalog.backlog.incomplete(10)]


def test_a_title_with_a_first_release_waits_to_be_completed_and_is_not_unconverted(
    catalog: Catalog, first: Title
) -> None:
    assert (scanned(catalog), waiting(catalog)) == ([], [str(first)])


def test_those_that_get_a_first_release_soon_stand_among_the_others_in_the_order_of_the_night(
    catalog: Catalog, database: Database, first: Title
) -> None:
    soon = [database.add_movie(2, created_at="2025-01-01"), database.add_movie(3)]
    database.add_movie(4, created_at="2024-01-01")
    assert [row.title for row in catalog.backlog.incomplete(10, soon=soon)] == [soon[0], first, soon[1]]


def test_the_length_of_a_published_title_is_known_where_the_table_has_none(
    catalog: Catalog, first: Title
) -> None:
    assert [row.source_duration for row in catalog.backlog.incomplete(10)] == [FIRST.duration_seconds]


def test_it_no_longer_waits_once_it_is_complete(catalog: Catalog, claimed: Claimed, first: Title) -> None:
    publish(catalog, fetched(catalog, claimed(first)))
    assert (scanned(catalog), waiting(catalog)) == ([], [])


def test_it_is_unconverted_again_when_its_source_changes(
    catalog: Catalog, database: Database, first: Title
) -> None:
    database.query("UPDATE movies SET video_url = 'movies/other.mp4'")
    assert (scanned(catalog), waiting(catalog)) == ([str(first)], [])


def test_it_does_not_wait_while_a_run_works_on_it(catalog: Catalog, claimed: Claimed, first: Title) -> None:
    claimed(first)
    assert (scanned(catalog), waiting(catalog)) == ([], [])


@pytest.mark.parametrize(("times", "left"), [(4, ["movie 1"]), (5, [])])
def test_a_completion_that_fails_is_tried_again_five_times_in_all(
    catalog: Catalog, claimed: Claimed, first: Title, times: int, left: list[str]
) -> None:
    for _ in range(times):
        catalog.verdicts.fail(claimed(first), "encoder_failed", "FFmpeg ended with exit code 1")
    assert (scanned(catalog), waiting(catalog)) == ([], left)


def test_the_most_valuable_come_first_then_the_oldest(
    database: Database, mapping: CatalogMapping, claimed: Claimed, catalog: Catalog
) -> None:
    database.query("ALTER TABLE movies ADD COLUMN views numeric")
    for number, day in ((1, "2026-01-03"), (2, "2026-01-02"), (3, "2026-01-01"), (4, "2026-01-04")):
        title = database.add_movie(number, created_at=day)
        if number != 4:
            publish(catalog, claimed(title), FIRST)
    database.query("UPDATE movies SET views = CASE id WHEN 1 THEN 10 WHEN 4 THEN 99 END")
    content = mapping.model_dump()
    content["content_types"]["movie"]["columns"]["value"] = "views"
    valued = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    assert waiting(valued) == ["movie 1", "movie 3", "movie 2"]
    database.add_movie(5, created_at="2025-01-01")
    assert scanned(valued) == ["movie 4", "movie 5"]


class TestClaiming:
    def test_a_run_completes_it(self, catalog: Catalog, claimed: Claimed, first: Title) -> None:
        before = catalog.titles.status()[0].release
        claim = fetched(catalog, claimed(first))
        assert catalog.releases.to_complete(claim) == before
        assert not catalog.verdicts.end_unchanged(claim)

    def test_a_run_for_a_first_release_has_nothing_to_do(self, catalog: Catalog, first: Title) -> None:
        answer = catalog.claims.one(first, "run-2", LEASE, first=True)
        assert isinstance(answer, Refusal)
        assert answer.code == "published"
        assert "has its first release" in answer.sentence

    def test_nothing_is_completed_with_tracks_of_another_source(
        self, catalog: Catalog, claimed: Claimed, first: Title
    ) -> None:
        assert catalog.releases.to_complete(fetched(catalog, claimed(first), OTHER)) is None

    def test_nothing_is_completed_where_a_person_wants_it_made_anew(
        self, catalog: Catalog, claimed: Claimed, first: Title
    ) -> None:
        assert catalog.releases.to_complete(fetched(catalog, claimed(first, force=True))) is None

    def test_nothing_is_completed_where_the_encryption_is_to_change(
        self, catalog: Catalog, claimed: Claimed, first: Title
    ) -> None:
        catalog.claims.choose_encryption(first, encrypt=True)
        assert catalog.releases.to_complete(fetched(catalog, claimed(first))) is None


def test_everyone_is_told_that_there_is_more_to_come(
    catalog: Catalog, database: Database, claimed: Claimed, first: Title
) -> None:
    assert catalog.titles.status()[0].complete is False
    publish(catalog, fetched(catalog, claimed(first)))
    assert catalog.titles.status()[0].complete is True
    told = database.query(
        "SELECT payload FROM nightreel.events WHERE kind = 'published' ORDER BY occurred_at"
    )
    assert [event["payload"]["complete"] for event in told] == [False, True]
    assert [each.complete for each in catalog.attempts.of(first)] == [True, False]


def test_a_title_says_why_its_picture_was_not_copied(
    catalog: Catalog, claimed: Claimed, database: Database
) -> None:
    claim = claimed(database.add_movie(1))
    (attempt,) = catalog.attempts.of(claim.title)
    assert attempt.not_copied == []
    catalog.leases.record_plan(claim, {"not_copied": ["Its picture is not copied: it turns."]})
    (attempt,) = catalog.attempts.of(claim.title)
    assert attempt.not_copied == ["Its picture is not copied: it turns."]


def test_what_is_not_published_is_neither_complete_nor_incomplete(
    catalog: Catalog, database: Database
) -> None:
    database.add_movie(1)
    assert catalog.titles.status()[0].complete is None
