"""What the catalog remembers of uploads in chunks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog
from nightreel.catalog.uploads import Announcement, Chunk, Cut, Upload
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database

FILE = Announcement("key one", "a" * 64, "The Film", "movie", None)
WEEK = timedelta(days=7)
URL = "https://media.example/film"


@pytest.fixture
def upload(catalog: Catalog) -> Upload:
    return catalog.uploads.begin(FILE, Cut(3), "sources/uploads/one", "id of the bucket")


def test_what_is_missing_is_known_after_every_chunk(catalog: Catalog, upload: Upload) -> None:
    assert upload.missing == [0, 1, 2]
    assert catalog.uploads.record_chunk(upload, 2, Chunk("e2", 10)) == 1
    assert catalog.uploads.record_chunk(upload, 0, Chunk("e0", 20)) == 2
    found = catalog.uploads.find(upload.owner, upload.video_hash)
    assert found is not None
    assert found.missing == [1]
    assert found.chunks == {0: Chunk("e0", 20), 2: Chunk("e2", 10)}


def test_a_chunk_that_comes_twice_is_there_once_and_the_later_one_counts(
    catalog: Catalog, upload: Upload
) -> None:
    catalog.uploads.record_chunk(upload, 1, Chunk("old", 10))
    assert catalog.uploads.record_chunk(upload, 1, Chunk("new", 20)) == 1
    found = catalog.uploads.find(upload.owner, upload.video_hash)
    assert found is not None
    assert found.chunks == {1: Chunk("new", 20)}


def test_of_two_that_begin_with_the_same_file_the_first_one_counts(catalog: Catalog, upload: Upload) -> None:
    assert catalog.uploads.begin(FILE, Cut(5), "sources/uploads/two", "another id") == upload


def test_a_finished_upload_lacks_nothing_and_takes_nothing(catalog: Catalog, upload: Upload) -> None:
    catalog.uploads.finish(upload, 30)
    found = catalog.uploads.find(upload.owner, upload.video_hash)
    assert found is not None
    assert (found.state, found.missing, found.bytes) == ("finished", [], 30)
    assert catalog.uploads.record_chunk(upload, 0, Chunk("late", 10)) is None


def test_who_announces_a_file_again_means_the_same_title(catalog: Catalog, upload: Upload) -> None:
    title = catalog.uploads.register(upload, URL)
    assert title is not None
    catalog.uploads.record_run(upload, title, "job-1")
    same = catalog.uploads.announce_again(FILE)
    assert same is not None
    assert (same.content_id, same.run_id) == (title.content_id, None)


@pytest.mark.parametrize(
    "change", [{"name": "Another Film"}, {"content_id": "77"}, {"content_type": "episode"}]
)
def test_a_file_that_comes_for_one_title_comes_for_that_one_alone(
    catalog: Catalog, upload: Upload, change: dict[str, str]
) -> None:
    said = replace(FILE, **change)
    assert catalog.uploads.announce_again(said) is None
    other = catalog.uploads.begin(said, Cut(3), "sources/uploads/two", "another id")
    assert other.video_hash != upload.video_hash
    assert other.digest == upload.digest
    assert catalog.uploads.announce_again(said) == other
    assert catalog.uploads.announce_again(FILE) == upload


def test_a_file_that_is_whole_serves_another_title_too(catalog: Catalog, upload: Upload) -> None:
    catalog.uploads.finish(upload, 30)
    chosen = catalog.uploads.announce_again(replace(FILE, content_id="77"))
    assert chosen is not None
    assert (chosen.video_hash, chosen.content_id) == (upload.video_hash, "77")


def test_who_is_finishing_an_upload_gets_the_title_that_was_announced_to_it(
    catalog: Catalog, database: Database
) -> None:
    said = replace(FILE, content_id="7")
    first = catalog.uploads.begin(said, Cut(3), "sources/uploads/one", "id of the bucket")
    catalog.uploads.finish(first, 30)
    second = catalog.uploads.announce_again(replace(FILE, content_id="8"))
    assert second is not None
    assert catalog.uploads.register(first, URL) == Title("movie", "7")
    catalog.uploads.record_run(first, Title("movie", "7"), "job-7")
    assert catalog.uploads.register(second, URL) == Title("movie", "8")
    found = catalog.uploads.find(second.owner, second.video_hash)
    assert found == second
    assert database.query("SELECT id FROM movies ORDER BY id") == [{"id": 7}, {"id": 8}]


def test_the_same_file_of_two_owners_is_two_uploads(catalog: Catalog, upload: Upload) -> None:
    said = replace(FILE, owner="key two")
    assert catalog.uploads.announce_again(said) is None
    other = catalog.uploads.begin(said, Cut(3), "sources/uploads/two", "another id")
    catalog.uploads.record_chunk(other, 0, Chunk("e0", 20))
    assert other.video_hash == upload.video_hash
    assert catalog.uploads.find(upload.owner, upload.video_hash) == upload


def test_an_upload_for_which_nothing_came_for_a_week_is_given_up(
    catalog: Catalog, upload: Upload, database: Database
) -> None:
    assert catalog.uploads.forget_untouched("uploading", WEEK) == 0
    assert catalog.uploads.multipart_ids() == {upload.multipart_id}
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 days'")
    catalog.uploads.record_chunk(upload, 0, Chunk("e", 10))
    assert catalog.uploads.forget_untouched("uploading", WEEK) == 0
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 days'")
    assert catalog.uploads.forget_untouched("uploading", WEEK) == 1
    assert catalog.uploads.find(upload.owner, upload.video_hash) is None
    assert catalog.uploads.multipart_ids() == set()


def test_a_finished_upload_is_remembered_however_old_it_is(
    catalog: Catalog, upload: Upload, database: Database
) -> None:
    catalog.uploads.finish(upload, 30)
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 years'")
    assert catalog.uploads.forget_untouched("uploading", WEEK) == 0
    assert catalog.uploads.find(upload.owner, upload.video_hash) is not None
