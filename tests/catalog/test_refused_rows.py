"""Rows that no run could convert: they are told once, remembered, and take nobody's place."""

from collections.abc import Callable

from nightreel.catalog import Catalog, CatalogMapping, Claim, RowRefusal
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import PAST, Database, publish, scanned

Claimed = Callable[..., Claim]
SENTENCE = "there is no video URL"


def without_source(catalog: Catalog, limit: int = 100) -> list[str]:
    return [str(row.title) for row in catalog.refused_rows.without_source(limit)]


def refuse(
    catalog: Catalog, *titles: Title, code: str = "no_source_url", size: int | None = None
) -> list[Title]:
    rows = catalog.backlog.rows(titles)
    return catalog.refused_rows.refuse([RowRefusal(row, code, SENTENCE, size) for row in rows])


def sized(catalog: Catalog, database: Database) -> Catalog:
    """The same catalog, whose movies say how large their sources are."""
    database.query("ALTER TABLE movies ADD size bigint")
    content = catalog.mapping.model_dump()
    content["content_types"]["movie"]["columns"]["source_bytes"] = "size"
    return Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))


def test_a_refused_row_is_quarantined_with_its_sentence_and_told_no_more(
    catalog: Catalog, database: Database
) -> None:
    title = database.add_movie(1, url=None)
    assert without_source(catalog) == ["movie 1"]
    assert refuse(catalog, title) == [title]
    (status,) = catalog.titles.status()
    assert (status.state, status.reason_code, status.reason) == ("quarantined", "no_source_url", SENTENCE)
    assert catalog.refused_rows.standing(10) == [status]
    assert without_source(catalog) == []


def test_a_refused_row_is_unconverted_again_when_its_url_or_version_changes(
    catalog: Catalog, database: Database
) -> None:
    refuse(catalog, database.add_movie(1, url=None), database.add_movie(2))
    assert scanned(catalog) == []
    database.query("UPDATE movies SET video_url = 'now.mp4' WHERE id = 1")
    database.query("UPDATE movies SET video_url = video_url WHERE id = 2")
    assert scanned(catalog) == ["movie 1", "movie 2"]


def test_a_row_refused_for_its_size_is_looked_at_again_once_its_size_would_be_right(
    catalog: Catalog, database: Database
) -> None:
    catalog = sized(catalog, database)
    small, large = database.add_movie(1), database.add_movie(2)
    refuse(catalog, small, code="source_empty", size=0)
    refuse(catalog, large, code="source_too_large", size=100)

    def found(limit: int) -> list[str]:
        return [str(row.title) for row in catalog.backlog.unconverted(10, limit)]

    assert found(50) == []
    assert found(100) == ["movie 2"]
    database.query("UPDATE movies SET size = 7")
    assert found(50) == ["movie 1", "movie 2"]


def test_a_size_that_a_run_found_out_is_not_disproved_by_the_row(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    catalog = sized(catalog, database)
    title = database.add_movie(1)
    database.query("UPDATE movies SET size = 7")
    catalog.verdicts.quarantine(claimed(title), "source_too_large", "It never ended.")
    assert scanned(catalog) == []


def test_a_requeued_row_is_judged_again(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1, url=None)
    refuse(catalog, title)
    assert catalog.verdicts.requeue(title)
    assert without_source(catalog) == ["movie 1"]


def test_a_row_that_changed_since_it_was_judged_is_not_refused(catalog: Catalog, database: Database) -> None:
    (judged,) = catalog.backlog.rows([database.add_movie(1, url=None)])
    database.query("UPDATE movies SET video_url = 'now.mp4'")
    assert catalog.refused_rows.refuse([RowRefusal(judged, "no_source_url", SENTENCE, None)]) == []
    assert scanned(catalog) == ["movie 1"]


def test_a_row_that_was_deleted_since_it_was_judged_is_passed_over(
    catalog: Catalog, database: Database
) -> None:
    (judged,) = catalog.backlog.rows([database.add_movie(1, url=None)])
    database.query("DELETE FROM movies")
    assert catalog.refused_rows.refuse([RowRefusal(judged, "no_source_url", SENTENCE, None)]) == []


def test_a_claimed_title_is_its_runs_to_judge(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    assert refuse(catalog, claim.title) == []
    catalog.leases.renew(claim, PAST)
    assert database.conversion(claim.title)["state"] == "claimed"


def test_an_id_that_two_rows_have_is_told_once_and_looked_at_again_when_one_has_it(
    catalog: Catalog, database: Database
) -> None:
    database.query("ALTER TABLE movies DROP CONSTRAINT movies_pkey")
    title = database.add_movie(1)
    database.query("INSERT INTO movies (id, title, video_url) VALUES (1, 'Another', 'another.mp4')")
    database.add_movie(2)
    told = {str(row.title): row.double_id for row in catalog.backlog.unconverted(10)}
    assert told["movie 2"] is None
    assert "2 rows of table movies have the id 1" in str(told["movie 1"])
    assert "make column id of movies unique" in str(told["movie 1"])
    refuse(catalog, title, code="double_id")
    assert catalog.refused_rows.standing(10)[0].reason_code == "double_id"
    assert scanned(catalog) == ["movie 2"]
    database.query("UPDATE movies SET id = 3 WHERE video_url = 'another.mp4'")
    assert sorted(scanned(catalog)) == ["movie 1", "movie 2", "movie 3"]


def test_what_was_published_before_goes_on_playing_when_its_new_source_is_refused(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    database.query("UPDATE movies SET video_url = 'huge.mp4'")
    refuse(catalog, claim.title, code="source_too_large", size=10**12)
    (status,) = catalog.titles.status()
    assert (status.state, status.release) == ("quarantined", claim.release)
    assert scanned(catalog) == ["movie 1"]
    assert [str(row.title) for row in catalog.backlog.unconverted(10, 10**9)] == []


def test_a_finished_title_whose_source_was_removed_is_not_told(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    publish(catalog, claimed(database.add_movie(1)))
    database.query("UPDATE movies SET video_url = NULL")
    assert without_source(catalog) == []


def test_no_more_are_told_than_were_asked_for(catalog: Catalog, database: Database) -> None:
    for number in (1, 2, 3):
        database.add_movie(number, url=None)
    catalog.titles.add(Title("episode", "1"), "Pilot", " ")
    assert len(without_source(catalog, 2)) == 2
    assert len(without_source(catalog, 9)) == 4


def test_ids_that_no_title_can_have_are_told_by_their_number_and_a_few_examples(
    catalog: Catalog, database: Database
) -> None:
    database.query("ALTER TABLE episodes DROP CONSTRAINT episodes_pkey, ALTER id DROP IDENTITY")
    database.query("ALTER TABLE episodes ALTER id TYPE text")
    assert catalog.refused_rows.malformed_ids().count == 0
    for content_id in ("a/b", "x" * 1_000_000, "", "a\nb", "ok\n", *(f"{n}.{n}" for n in range(20))):
        database.query("INSERT INTO episodes (id, title, video_url) VALUES (%s, 'Odd', 'x.mp4')", content_id)
    database.query("INSERT INTO movies (id, title, video_url) VALUES (-5, 'Odd', 'x.mp4')")
    database.add_movie(5)
    told = catalog.refused_rows.malformed_ids()
    assert told.count == 26
    assert len(told.examples) == 5
    assert told.examples[:2] == ("movie '-5'", "episode 'a/b'")
    assert max(map(len, told.examples)) < 100
    assert "\n" not in "".join(told.examples)
