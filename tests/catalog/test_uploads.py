"""What the catalog remembers of uploads in chunks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog
from nightreel.catalog.uploads import Announcement, Chunk, Cut, Upload
from tests.catalog.conftest import Database

FILE = Announcement("a" * 64, True, "The Film", "movie", None)
WEEK = timedelta(days=7)


@pytest.fixture
def upload(catalog: Catalog) -> Upload:
    return catalog.uploads.begin(FILE, Cut(3), "sources/uploads/one", "id of the bucket")


def test_what_is_missing_is_known_after_every_chunk(catalog: Catalog, upload: Upload) -> None:
    assert upload.missing == [0, 1, 2]
    assert catalog.uploads.record_chunk(upload.video_hash, 2, Chunk("e2", 10)) == 1
    assert catalog.uploads.record_chunk(upload.video_hash, 0, Chunk("e0", 20)) == 2
    found = catalog.uploads.find(upload.video_hash)
    assert found is not None
    assert found.missing == [1]
    assert found.chunks == {0: Chunk("e0", 20), 2: Chunk("e2", 10)}


def test_a_chunk_that_comes_twice_is_there_once_and_the_later_one_counts(
    catalog: Catalog, upload: Upload
) -> None:
    catalog.uploads.record_chunk(upload.video_hash, 1, Chunk("old", 10))
    assert catalog.uploads.record_chunk(upload.video_hash, 1, Chunk("new", 20)) == 1
    found = catalog.uploads.find(upload.video_hash)
    assert found is not None
    assert found.chunks == {1: Chunk("new", 20)}


def test_of_two_that_begin_with_the_same_file_the_first_one_counts(catalog: Catalog, upload: Upload) -> None:
    assert catalog.uploads.begin(FILE, Cut(5), "sources/uploads/two", "another id") == upload


def test_a_finished_upload_lacks_nothing_and_takes_nothing(catalog: Catalog, upload: Upload) -> None:
    catalog.uploads.finish(upload.video_hash, 30)
    found = catalog.uploads.find(upload.video_hash)
    assert found is not None
    assert (found.state, found.missing, found.bytes) == ("finished", [], 30)
    assert catalog.uploads.record_chunk(upload.video_hash, 0, Chunk("late", 10)) is None


def test_who_announces_a_file_again_means_the_same_title_unless_another_is_named(
    catalog: Catalog, upload: Upload
) -> None:
    title = catalog.uploads.register(upload.video_hash, "https://media.example/film")
    assert title is not None
    catalog.uploads.record_job(upload.video_hash, "job-1")
    same = catalog.uploads.announce_again(FILE)
    assert same is not None
    assert (same.content_id, same.job_id) == (title.content_id, None)
    renamed = catalog.uploads.announce_again(replace(FILE, name="Another Film"))
    assert renamed is not None
    assert renamed.content_id is None
    chosen = catalog.uploads.announce_again(replace(FILE, content_id="77"))
    assert chosen is not None
    assert chosen.content_id == "77"


def test_an_upload_for_which_nothing_came_for_a_week_is_given_up(
    catalog: Catalog, upload: Upload, database: Database
) -> None:
    assert catalog.uploads.forget_untouched(WEEK) == 0
    assert catalog.uploads.multipart_ids() == {upload.multipart_id}
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 days'")
    catalog.uploads.record_chunk(upload.video_hash, 0, Chunk("e", 10))
    assert catalog.uploads.forget_untouched(WEEK) == 0
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 days'")
    assert catalog.uploads.forget_untouched(WEEK) == 1
    assert catalog.uploads.find(upload.video_hash) is None
    assert catalog.uploads.multipart_ids() == set()


def test_a_finished_upload_is_remembered_however_old_it_is(
    catalog: Catalog, upload: Upload, database: Database
) -> None:
    catalog.uploads.finish(upload.video_hash, 30)
    database.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 years'")
    assert catalog.uploads.forget_untouched(WEEK) == 0
    assert catalog.uploads.find(upload.video_hash) is not None
