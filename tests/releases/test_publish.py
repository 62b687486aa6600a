from pathlib import Path
from urllib.parse import urljoin

import httpx
import m3u8

from nightreel.releases.deletion import current_release
from nightreel.releases.manifests import release_of_mpd
from nightreel.releases.publish import (
    manifest_urls,
    publish_manifests,
    publish_master,
    publish_mpd,
    stable_manifests,
)
from nightreel.releases.upload import upload_release
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import MASTER, MPD, ReleaseManifest, release_prefix, title_prefix
from nightreel.vocabulary.title import Title
from tests.fixtures_object_store import unasked
from tests.releases.conftest import RELEASE

LATER = "20261122T010000-0a1b2c3d"


def reachable(url: str) -> bool:
    """Whether the published playlist and all that it names can be fetched."""
    answer = httpx.get(url)
    if not answer.is_success:
        return False
    playlist = m3u8.loads(answer.text)
    named = [*playlist.playlists, *playlist.media, *playlist.iframe_playlists]
    return bool(named) and all(httpx.head(urljoin(url, item.uri)).is_success for item in named)


def upload(bucket: Bucket, title: Title, release: str, directory: Path, manifest: ReleaseManifest) -> None:
    upload_release(bucket, directory, manifest, release_prefix(title, release), threads=4)


def test_nothing_is_published_before_the_first_put(bucket: Bucket, title: Title) -> None:
    assert current_release(bucket, title) is None


def test_the_stable_urls_are_those_of_the_title(bucket: Bucket, title: Title) -> None:
    assert manifest_urls(bucket, title, has_mpd=True) == (
        f"{bucket.public_url}/hls/movies/7/master.m3u8",
        f"{bucket.public_url}/hls/movies/7/manifest.mpd",
    )


def test_a_published_release_is_reached_through_the_stable_urls(
    bucket: Bucket, title: Title, release_directory: Path, manifest: ReleaseManifest
) -> None:
    for name in ("audio_en.m3u8", "iframe_360p.m3u8"):
        key = release_prefix(title, RELEASE) + name
        bucket.put_bytes(key, b"#EXTM3U\n", "application/vnd.apple.mpegurl", "no-store")
    upload(bucket, title, RELEASE, release_directory, manifest)
    hls_url, dash_url = publish_manifests(bucket, title, RELEASE, release_directory, unasked)
    assert reachable(hls_url)
    assert dash_url is not None
    assert f"<BaseURL>{RELEASE}/</BaseURL>" in httpx.get(dash_url).text
    assert current_release(bucket, title) == RELEASE


def test_players_ask_again_for_the_stable_manifests_after_a_minute(
    bucket: Bucket, title: Title, release_directory: Path
) -> None:
    for url, content_type in zip(
        publish_manifests(bucket, title, RELEASE, release_directory, unasked),
        ("application/vnd.apple.mpegurl", "application/dash+xml"),
        strict=True,
    ):
        assert url is not None
        answer = httpx.get(url)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Content-Type"] == content_type


def test_stopped_between_its_steps_and_run_again_publishing_ends_in_the_same_place(
    bucket: Bucket, title: Title, release_directory: Path
) -> None:
    hls_url, dash_url = publish_manifests(bucket, title, RELEASE, release_directory, unasked)
    assert dash_url is not None
    publish_master(bucket, title, stable_manifests(LATER, release_directory)[MASTER], unasked)
    assert f"{RELEASE}/" in httpx.get(dash_url).text
    publish_master(bucket, title, stable_manifests(LATER, release_directory)[MASTER], unasked)
    publish_mpd(bucket, title, stable_manifests(LATER, release_directory)[MPD], unasked)
    assert f"{LATER}/" in httpx.get(hls_url).text
    assert f"{LATER}/" in httpx.get(dash_url).text
    assert current_release(bucket, title) == LATER


def test_a_release_for_hls_alone_is_published_without_a_dash_manifest(
    bucket: Bucket, title: Title, hls_alone: Path
) -> None:
    hls_url, dash_url = publish_manifests(bucket, title, RELEASE, hls_alone, unasked)
    assert hls_url == f"{bucket.public_url}/hls/movies/7/master.m3u8"
    assert dash_url is None
    assert current_release(bucket, title) == RELEASE
    assert bucket.head(title_prefix(title) + MPD) is None


def test_the_dash_manifest_of_an_earlier_release_plays_on_when_one_for_hls_alone_is_published(
    bucket: Bucket, title: Title, release_directory: Path, hls_alone: Path
) -> None:
    publish_manifests(bucket, title, RELEASE, release_directory, unasked)
    publish_manifests(bucket, title, LATER, hls_alone, unasked)
    assert current_release(bucket, title) == LATER
    kept = bucket.get_bytes(title_prefix(title) + MPD)
    assert kept is not None
    assert release_of_mpd(kept.decode()) == RELEASE
