"""`delete` and `purge`."""

import json
from collections.abc import Iterator

import pytest

from nightreel.catalog import Catalog
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.cli.conftest import Run, add
from tests.cloudflare_server import TOKEN, ZONE, CloudflareServer, cloudflare_server, refusal
from tests.releases.test_withdrawal import publish_release

FILM = Title("movie", "7")


@pytest.fixture
def published(catalog: Catalog, files_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> str:
    """The release of a film."""
    monkeypatch.delenv("NIGHTREEL_CLOUDFLARE_ZONE_ID", raising=False)
    monkeypatch.delenv("NIGHTREEL_CLOUDFLARE_API_TOKEN", raising=False)
    return publish_release(catalog, files_bucket, add(catalog, FILM), "run-1").release


@pytest.fixture
def server(published: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudflareServer]:
    with cloudflare_server() as server:
        monkeypatch.setattr("nightreel.cloudflare.API", server.api)
        monkeypatch.setenv("NIGHTREEL_CLOUDFLARE_ZONE_ID", ZONE)
        monkeypatch.setenv("NIGHTREEL_CLOUDFLARE_API_TOKEN", TOKEN)
        yield server


def test_a_deletion_asks_first(run: Run, published: str, files_bucket: Bucket) -> None:
    assert run("delete", "movie", 7).exit_code == 1
    assert len(list(files_bucket.list("hls/"))) == 7


def test_a_deletion_says_that_caches_keep_segments(run: Run, published: str, files_bucket: Bucket) -> None:
    result = run("delete", "movie", 7, "--yes")
    assert result.exit_code == 0, result.output
    assert "Deleted the releases of movie 7: 5 files." in result.stdout
    assert "for a year" in result.stdout
    assert "NIGHTREEL_CLOUDFLARE_API_TOKEN" in result.stdout
    assert list(files_bucket.list("hls/")) == []


def test_what_is_taken_down_is_the_title_as_its_table_writes_it(
    run: Run, published: str, files_bucket: Bucket
) -> None:
    assert f"hls/movies/7/tracks/360p-{published}/" in run("purge", "movie", "007", "--urls").stdout
    assert "the releases of movie 7: 5 files" in run("delete", "movie", "007", "--yes").stdout
    assert list(files_bucket.list("hls/")) == []


def test_a_deletion_purges_the_cache(run: Run, published: str, server: CloudflareServer) -> None:
    result = run("delete", "movie", 7, "--yes")
    assert result.exit_code == 0, result.output
    assert "Cloudflare's cache is purged" in result.stdout
    assert any(each.endswith("/hls/movies/7/tracks") for each in server.purged)


def test_a_purge_that_failed_ends_with_an_error_and_can_be_repeated(
    run: Run, published: str, server: CloudflareServer
) -> None:
    server.next_answers = [refusal(400, 1094, "Invalid purge request")]
    result = run("delete", "movie", 7, "--yes")
    assert result.exit_code == 1
    assert "Invalid purge request (code 1094)" in result.stderr
    assert run("purge", "movie", 7).exit_code == 0
    assert any(each.endswith("/hls/movies/7/tracks") for each in server.purged)


def test_what_is_to_be_purged_is_listed_for_other_caches(
    run: Run, published: str, files_bucket: Bucket
) -> None:
    urls = run("purge", "movie", 7, "--urls").stdout.split()
    assert urls == [files_bucket.public_url_of(each.key) for each in files_bucket.list("hls/")]
    (body,) = map(json.loads, run("purge", "movie", 7, "--requests").stdout.splitlines())
    assert len(body["prefixes"]) == 5
    alone = run("purge", "movie", 7)
    assert alone.exit_code == 2
    assert "--requests" in alone.stderr


def test_half_a_set_up_is_found(run: Run, published: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_CLOUDFLARE_ZONE_ID", ZONE)
    assert "wrong  caches: NIGHTREEL_CLOUDFLARE_API_TOKEN is not set" in run("check").stdout
