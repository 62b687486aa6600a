"""One title, from its row in the catalog to a stream behind a public URL."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import m3u8
import pytest

from nightreel.releases.files import describe_file
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.vocabulary import release
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run

Published = tuple[Title, Run]


@pytest.fixture(scope="module")
def viewer() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def test_every_task_of_the_run_succeeds_at_its_first_try(published: Published) -> None:
    _, run = published
    assert run.state == "success"
    assert set(run.states.values()) == {"success"}
    assert {task.try_number for task in run.tasks} == {1}


def test_the_mapped_tasks_are_named_by_what_they_encode(published: Published) -> None:
    _, run = published
    assert run.mapped_names("transcode") == {"360p 240p, audio und"}


def test_the_users_row_has_the_stable_urls_the_poster_and_the_length(
    published: Published, installation: Installation
) -> None:
    title, run = published
    row, public = installation.movie(title), installation.bucket.public_url
    current = installation.conversion(title)["release"]
    assert row["hls_url"] == f"{public}/hls/movies/1/master.m3u8"
    assert row["dash_url"] == f"{public}/hls/movies/1/manifest.mpd"
    assert row["thumbnail_url"] == f"{public}/hls/movies/1/tracks/stills-{current}/poster.jpg"
    assert row["duration_seconds"] == 3
    assert run.xcom("publish") == {"hls_url": row["hls_url"], "dash_url": row["dash_url"]}


def test_the_conversion_says_all_that_became_of_the_title(
    published: Published, installation: Installation, film: Path
) -> None:
    title, _ = published
    conversion = installation.conversion(title)
    manifest = installation.manifest(title, conversion["release"])
    assert conversion["state"] == "published"
    assert conversion["attempts"] == 1
    assert conversion["claim_token"] is conversion["owner"] is conversion["reason"] is None
    assert conversion["source_bytes"] == film.stat().st_size
    assert conversion["source_fingerprint"] == describe_file(film).sha256
    assert conversion["fetched_from"] == "sources/1.mp4"
    assert conversion["duration_seconds"] == pytest.approx(3.0, abs=0.04)
    assert [variant["quality"] for variant in conversion["variants"]] == ["240p", "360p"]
    assert [variant["resolution"] for variant in conversion["variants"]] == ["320x240", "480x360"]
    assert conversion["files_uploaded"] == len(manifest.files) + 1
    assert conversion["bytes"] == manifest.total_bytes
    assert conversion["processing_seconds"] > 0


def test_the_attempt_has_the_plan_and_what_every_step_cost(
    published: Published, installation: Installation
) -> None:
    _, run = published
    (attempt,) = installation.query("SELECT * FROM nightreel.attempts WHERE owner = %s", run.id)
    assert attempt["outcome"] == "published"
    assert [rendition["name"] for rendition in attempt["plan"]["video"]] == ["240p", "360p"]
    made = "transcode 360p 240p, audio und"
    assert set(attempt["timings"]) == {"fetch", "plan", made, "package", "validate", "upload", "publish"}
    for cost in attempt["timings"].values():
        assert cost["seconds"] > 0
        assert cost["peak_bytes"] > 1_000_000
    encoding = attempt["timings"][made]
    assert encoding["child_cpu_seconds"] > 0
    assert all(program["cpu_seconds"] >= 0 for program in encoding["programs"])
    assert set(encoding["parts"]) >= {"packaging", "gate", "digests", "upload"}


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("master.m3u8", "application/vnd.apple.mpegurl"), ("manifest.mpd", "application/dash+xml")],
)
def test_the_stable_manifests_answer_over_http_and_are_soon_asked_for_again(
    published: Published, installation: Installation, viewer: httpx.Client, name: str, content_type: str
) -> None:
    title, _ = published
    answer = viewer.get(installation.bucket.public_url_of(title_prefix(title) + name))
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "public, max-age=60"
    pointed_to = release_of_master(answer.text) or release_of_mpd(answer.text)
    assert pointed_to == installation.conversion(title)["release"]


def test_every_file_of_the_release_answers_as_its_type_and_may_be_kept_for_ever(
    published: Published, installation: Installation, viewer: httpx.Client
) -> None:
    title, _ = published
    manifest = installation.manifest(title, installation.conversion(title)["release"])
    for file in manifest.files:
        answer = viewer.get(installation.bucket.public_url_of(manifest.key_of(file.name)))
        assert answer.status_code == httpx.codes.OK
        assert len(answer.content) == file.size
        assert answer.headers["content-type"] == release.content_type_of(file.name)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_every_variant_and_segment_is_reached_from_the_url_in_the_users_row(
    published: Published, installation: Installation, viewer: httpx.Client
) -> None:
    title, _ = published
    master = m3u8.loads(viewer.get(url := installation.movie(title)["hls_url"]).text, uri=url)
    playlists = [entry.absolute_uri for entry in (*master.playlists, *master.media)]
    assert len(playlists) == 3
    for playlist_url in playlists:
        playlist = m3u8.loads(viewer.get(playlist_url).text, uri=playlist_url)
        assert sum(segment.duration for segment in playlist.segments) == pytest.approx(3.0, abs=0.04)
        for part in (*playlist.segment_map, *playlist.segments):
            assert viewer.head(part.absolute_uri).status_code == httpx.codes.OK


def test_nothing_of_the_run_is_left_in_the_work_area(
    published: Published, installation: Installation
) -> None:
    title, _ = published
    assert list(installation.work_area.glob(f"movie.{title.content_id}.*")) == []


def test_the_report_is_kept_and_the_run_says_where(published: Published, installation: Installation) -> None:
    title, run = published
    current = installation.conversion(title)["release"]
    assert run.xcom("validate", "report") == f"movie/1/{current}"
    report = installation.settings.reports / "movie" / "1" / current / "index.html"
    assert "segments" in report.read_text()


def test_the_source_is_as_it_was(published: Published, installation: Installation, film: Path) -> None:
    assert installation.bucket.get_bytes("sources/1.mp4") == film.read_bytes()
