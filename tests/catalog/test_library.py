from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightreel.catalog import Catalog, Claim, LibraryQuery
from nightreel.catalog.records import PastConversion
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, RESULT, Database, publish

Claimed = Callable[..., Claim]


def shown(catalog: Catalog, **query: object) -> list[str]:
    page = catalog.library.page(LibraryQuery(**query))  # type: ignore[arg-type]
    return [f"{record.content_type} {record.content_id}" for record in page.records]


def test_titles_in_work_come_first_then_the_latest_changed_then_those_never_touched(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    for number in (10, 9, 1, 2, 3):
        database.add_movie(number)
    running = claimed(Title("movie", "3"), run_id="run-3")
    catalog.leases.adopt(running.title, running.token, "run-3", LEASE)
    publish(catalog, claimed(Title("movie", "2"), run_id="run-2"))
    publish(catalog, claimed(Title("movie", "1"), run_id="run-1"))
    catalog.titles.add(Title("episode", "7"), "Pilot", "episodes/7.mp4")
    assert shown(catalog) == ["movie 3", "movie 1", "movie 2", "episode 7", "movie 9", "movie 10"]


def test_a_record_tells_all_about_the_published_release(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    (record,) = catalog.library.page(LibraryQuery()).records
    assert (record.title, record.state, record.release) == ("Movie 1", "published", claim.release)
    assert (record.hls_url, record.poster_url, record.bytes) == (
        RESULT.hls_url,
        RESULT.poster_url,
        RESULT.bytes,
    )
    assert record.variants == RESULT.variants
    assert record.published_at == database.conversion(claim.title)["published_at"]
    assert catalog.library.find(claim.title) == record


def test_a_title_names_the_run_that_works_on_it_and_not_the_night_that_reserved_it(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1), run_id="the night")
    reserved = catalog.library.find(claim.title)
    assert reserved is not None
    assert (reserved.state, reserved.run_id) == ("claimed", None)
    catalog.leases.adopt(claim.title, claim.token, "its run", LEASE)
    adopted = catalog.library.find(claim.title)
    assert adopted is not None
    assert adopted.run_id == "its run"
    publish(catalog, claim)
    published = catalog.library.find(claim.title)
    assert published is not None
    assert published.run_id is None


def test_titles_are_chosen_by_state_and_type(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    for number in (1, 2, 3):
        database.add_movie(number)
    catalog.titles.add(Title("episode", "2"), "Two", "episodes/2.mp4")
    publish(catalog, claimed(Title("movie", "2"), run_id="run-2"))
    catalog.verdicts.quarantine(
        claimed(Title("movie", "3"), run_id="run-3"), "no_video", "It has no picture."
    )
    assert shown(catalog, states=["pending"]) == ["episode 2", "movie 1"]
    assert shown(catalog, states=["published"]) == ["movie 2"]
    assert shown(catalog, states=["published", "quarantined"]) == ["movie 3", "movie 2"]
    assert shown(catalog, states=["pending", "published"]) == ["movie 2", "episode 2", "movie 1"]
    assert shown(catalog, content_type="episode") == ["episode 2"]
    assert shown(catalog, content_type="trailer") == []


FOUND = {
    "pilot": ["episode 11"],
    "100%": ["movie 3"],
    "%": ["movie 3"],
    "a_b": ["movie 4"],
    "\\": ["movie 5"],
    "11": ["episode 11", "movie 110"],
    "Ünder": ["movie 6"],
    "ünder": ["movie 6"],
    "'; DROP TABLE movies": [],
    "\0": [],
    "x\0y": [],
    "\ud800": [],
}


def test_a_text_is_looked_for_letter_by_letter_in_names_and_ids(catalog: Catalog) -> None:
    names = {"3": "100% proof", "4": "a_b", "5": "back\\slash", "6": "Über und Ünder", "110": "aXb"}
    for number, name in names.items():
        catalog.titles.add(Title("movie", number), name, "x.mp4")
    catalog.titles.add(Title("episode", "11"), "The Pilot", "x.mp4")
    assert {text: shown(catalog, text=text) for text in FOUND} == FOUND


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 9))
def test_pages_together_are_the_whole_in_its_order(catalog: Catalog, limit: int) -> None:
    if not catalog.library.page(LibraryQuery()).total:
        for number in range(1, 9):
            catalog.titles.add(Title("movie" if number % 2 else "episode", str(number)), "x", "x.mp4")
    whole = shown(catalog, limit=100)
    pages = [shown(catalog, limit=limit, offset=offset) for offset in range(0, 8, limit)]
    assert [each for page in pages for each in page] == whole
    assert len(whole) == 8


def test_the_total_counts_all_pages_also_behind_the_last_one(catalog: Catalog, database: Database) -> None:
    for number in (1, 2, 3):
        database.add_movie(number)
    for offset in (0, 2, 100, 2**62):
        assert catalog.library.page(LibraryQuery(limit=2, offset=offset)).total == 3
    assert catalog.library.page(LibraryQuery(text="Movie 3")).total == 1
    assert catalog.library.page(LibraryQuery(states=["failed"])).total == 0


def test_a_row_whose_id_no_title_can_have_is_shown_all_the_same(catalog: Catalog, database: Database) -> None:
    database.query("ALTER TABLE episodes ALTER id DROP IDENTITY; ALTER TABLE episodes ALTER id TYPE text")
    for content_id in ('a"b', "back\\slash", "{1,2}", "a/b", "", "%s"):
        database.query("INSERT INTO episodes (id, title, video_url) VALUES (%s, 'Odd', 'x.mp4')", content_id)
    assert sorted(shown(catalog)) == sorted(
        f"episode {each}" for each in ('a"b', "back\\slash", "{1,2}", "a/b", "", "%s")
    )


def test_a_title_that_the_table_does_not_have_is_none(catalog: Catalog, database: Database) -> None:
    database.add_movie(1)
    for content_id in ("2", "abc", "99999999999999999999999", "02"):
        assert catalog.library.find(Title("movie", content_id)) is None
    assert catalog.library.find(Title("trailer", "1")) is None


def test_the_history_of_a_title_has_its_attempts_with_their_timings_newest_first(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1), run_id="run-1")
    catalog.leases.record_timings(first, {"fetch": {"began": 1.0, "seconds": 1.5}})
    catalog.verdicts.fail(first, "encoder", "It broke.")
    publish(catalog, claimed(first.title, run_id="run-2"))
    claimed(database.add_movie(2), run_id="run-3")
    latest, earliest = catalog.attempts.of(first.title)
    assert (latest.run_id, latest.outcome, latest.processing_seconds) == ("run-2", "published", 12.5)
    assert (earliest.run_id, earliest.outcome, earliest.reason) == ("run-1", "failed", "It broke.")
    assert earliest.timings == {"fetch": {"began": 1.0, "seconds": 1.5}}
    assert catalog.attempts.of(first.title, limit=1) == [latest]


def test_what_conversions_took_is_known_also_of_releases_that_were_replaced(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    catalog.verdicts.fail(claimed(database.add_movie(2), run_id="run-2"), "encoder", "It broke.")
    (past,) = catalog.attempts.past_conversions()
    assert past == PastConversion("whole", 60.4, 12.5, RESULT.bytes, 42)
    publish(catalog, claimed(claim.title, run_id="run-3", force=True))
    assert catalog.attempts.past_conversions() == [past, past]
    assert catalog.releases.superseded(timedelta(0), Title("movie", "2")) == []
    assert catalog.releases.superseded(timedelta(0), claim.title) == [(claim.title, claim.release)]
