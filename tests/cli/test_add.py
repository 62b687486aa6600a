from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from nightreel.catalog import Catalog
from nightreel.settings import Settings
from nightreel.sources.location import InBucket, locate
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database
from tests.cli.conftest import FTYP, Run, publish

Movie = Callable[[str], Path]


def test_a_file_is_uploaded_and_entered_in_the_catalog(
    run: Run, catalog: Catalog, files_bucket: Bucket, database: Database, movie: Movie
) -> None:
    path = movie("film.mp4")
    result = run("add", path, "--type", "movie", "--id", 7, "--title", "The Film")
    assert result.exit_code == 0, result.output
    row = database.row("SELECT title, video_url FROM movies WHERE id = 7")
    assert row["title"] == "The Film"
    assert row["video_url"] == f"{files_bucket.public_url}/sources/movies/7/film.mp4"
    assert httpx.get(row["video_url"]).content == path.read_bytes()
    assert row["video_url"] in result.output
    assert "nightreel convert movie 7 --wait" in result.output


def test_the_url_of_an_added_file_leads_the_fetch_back_to_it(
    run: Run,
    catalog: Catalog,
    files_bucket: Bucket,
    bucket_settings: Settings,
    database: Database,
    movie: Movie,
) -> None:
    run("add", movie("Ça va, là? 100%.MP4"), "--type", "movie", "--id", 7)
    url = database.row("SELECT video_url FROM movies")["video_url"]
    where = locate(url, files_bucket, bucket_settings)
    assert where == InBucket("sources/movies/7/Ca-va-la-100.mp4")
    assert files_bucket.head(where.key) is not None


def test_a_file_says_what_it_is_to_whoever_downloads_it(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    run("add", movie("film.mp4"), "--type", "movie", "--id", 7)
    answer = httpx.get(files_bucket.public_url_of("sources/movies/7/film.mp4"))
    assert answer.headers["Content-Type"] == "video/mp4"


def test_several_files_count_on_from_the_id(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    result = run("add", movie("a.mp4"), movie("b.mp4"), "--type", "episode", "--id", 9)
    assert result.exit_code == 0, result.output
    assert [(each.content_id, each.title) for each in catalog.titles.status("episode")] == [
        ("9", "a"),
        ("10", "b"),
    ]


def test_without_an_id_a_file_gets_the_next_free_one(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    catalog.titles.add(Title("movie", "41"), "Another", "another.mp4")
    run("add", movie("a.mp4"), movie("b.mp4"), "--type", "movie")
    assert [each.content_id for each in catalog.titles.status("movie")] == ["41", "42", "43"]


def test_a_title_that_is_there_gets_a_new_source_and_keeps_its_name(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    run("add", movie("film.mp4"), "--type", "movie", "--id", 7, "--title", "The Film")
    publish(catalog, Title("movie", "7"))
    assert catalog.backlog.unconverted(10) == []
    result = run("add", movie("film.mp4"), "--type", "movie", "--id", 7)
    assert "New source for movie 7, The Film" in result.output
    assert [row.name for row in catalog.backlog.unconverted(10)] == ["The Film"]


def test_an_unknown_content_type_is_refused_before_anything_is_uploaded(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    result = run("add", movie("film.mp4"), "--type", "film", "--id", 7)
    assert result.exit_code == 2
    assert "'film' is not in the catalog mapping, which has movie, episode" in result.stderr
    assert list(files_bucket.list("")) == []


def test_an_id_that_could_leave_its_folder_is_refused(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie
) -> None:
    result = run("add", movie("film.mp4"), "--type", "movie", "--id", "../7")
    assert result.exit_code == 2
    assert "content id '../7'" in result.stderr
    assert list(files_bucket.list("")) == []


def test_files_that_cannot_be_read_are_all_named_before_any_is_uploaded(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    result = run("add", movie("a.mp4"), "missing.mp4", empty, "--type", "movie")
    assert result.exit_code == 1
    assert "missing.mp4: there is no such file" in result.stderr
    assert f"{empty}: The file is empty" in result.stderr
    assert list(files_bucket.list("")) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is a web page, not a video"),
        (b"#EXTM3U\n#EXTINF:6,\na.ts\n", "is an HLS playlist"),
        (FTYP + bytes(200), "more than the 100 bytes of NIGHTREEL_MAX_SOURCE_BYTES"),
    ],
    ids=["web page", "playlist", "too large"],
)
def test_what_a_night_would_refuse_is_refused_in_its_words_before_anything_is_uploaded(
    run: Run,
    catalog: Catalog,
    files_bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    said: str,
) -> None:
    monkeypatch.setenv("NIGHTREEL_MAX_SOURCE_BYTES", "100")
    film = tmp_path / "film.mp4"
    film.write_bytes(content)
    result = run("add", film, "--type", "movie")
    assert result.exit_code == 1
    assert f"{film}: " in result.stderr
    assert said in result.stderr
    assert (catalog.titles.status(), list(files_bucket.list(""))) == ([], [])


def test_one_name_for_several_files_is_refused(run: Run, catalog: Catalog, movie: Movie) -> None:
    result = run("add", movie("a.mp4"), movie("b.mp4"), "--type", "movie", "--title", "Both")
    assert result.exit_code == 2
    assert "--title names one title" in result.stderr


def test_a_bucket_that_refuses_the_key_is_one_sentence_that_names_the_variables(
    run: Run, catalog: Catalog, files_bucket: Bucket, movie: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", "not-the-secret")
    result = run("add", movie("film.mp4"), "--type", "movie", "--id", 7)
    assert result.exit_code == 2
    assert "R2_SECRET_ACCESS_KEY" in result.stderr
    assert "not-the-secret" not in result.output
    assert catalog.titles.status("movie") == []
