from pathlib import Path
from urllib.parse import urljoin

import httpx
import m3u8
import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.inventory import current_release
from nightreel.releases.manifests import release_of_mpd
from nightreel.releases.publish import (
    manifest_urls,
    publish_master,
    publish_mpd,
    restore_manifests,
    stable_texts,
)
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from tests.fixtures_object_store import unasked
from tests.releases.conftest import LATER, RELEASE, Finished, finish
from tests.releases.followed import named_by


@pytest.fixture
def later(release_directory: Path) -> Finished:
    return finish(release_directory, LATER)


def texts(finished: Finished) -> dict[str, str]:
    return stable_texts(finished.manifest, finished.manifests)


def reachable(url: str) -> bool:
    """Whether the published playlist and all that it names can be fetched."""
    answer = httpx.get(url)
    if not answer.is_success:
        return False
    playlist = m3u8.loads(answer.text)
    named = [*playlist.playlists, *playlist.media, *playlist.iframe_playlists]
    return bool(named) and all(httpx.head(urljoin(url, item.uri)).is_success for item in named)


def test_nothing_is_published_before_the_first_put(bucket: Bucket, title: Title) -> None:
    assert current_release(bucket, title) is None


def test_the_stable_urls_are_those_of_the_title(bucket: Bucket, title: Title) -> None:
    assert manifest_urls(bucket, title, has_mpd=True) == (
        f"{bucket.public_url}/hls/movies/7/master.m3u8",
        f"{bucket.public_url}/hls/movies/7/manifest.mpd",
    )


def test_a_published_release_is_reached_through_the_stable_urls(
    bucket: Bucket, title: Title, finished: Finished
) -> None:
    finished.upload(bucket)
    hls_url, dash_url = finished.publish(bucket)
    assert reachable(hls_url)
    assert dash_url is not None
    mpd = httpx.get(dash_url).text
    assert f"<BaseURL>releases/{RELEASE}/</BaseURL>" in mpd
    assert all(httpx.head(url).is_success for url in named_by(dash_url, mpd))
    assert current_release(bucket, title) == RELEASE


def test_players_ask_again_for_the_stable_manifests_after_a_minute(
    bucket: Bucket, finished: Finished
) -> None:
    for url, content_type in zip(
        finished.publish(bucket),
        ("application/vnd.apple.mpegurl", "application/dash+xml"),
        strict=True,
    ):
        assert url is not None
        answer = httpx.get(url)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Content-Type"] == content_type


def test_stopped_between_its_steps_and_run_again_publishing_ends_in_the_same_place(
    bucket: Bucket, title: Title, finished: Finished, later: Finished
) -> None:
    hls_url, dash_url = finished.publish(bucket)
    assert dash_url is not None
    publish_master(bucket, title, texts(later)[MASTER], unasked)
    assert f"{RELEASE}/" in httpx.get(dash_url).text
    publish_master(bucket, title, texts(later)[MASTER], unasked)
    publish_mpd(bucket, title, texts(later)[MPD], unasked)
    assert f"{LATER}/" in httpx.get(hls_url).text
    assert f"{LATER}/" in httpx.get(dash_url).text
    assert current_release(bucket, title) == LATER


def test_a_release_for_hls_alone_is_published_without_a_dash_manifest(
    bucket: Bucket, title: Title, hls_alone: Path
) -> None:
    hls_url, dash_url = finish(hls_alone).publish(bucket)
    assert hls_url == f"{bucket.public_url}/hls/movies/7/master.m3u8"
    assert dash_url is None
    assert current_release(bucket, title) == RELEASE
    assert bucket.head(title_prefix(title) + MPD) is None


def test_the_dash_manifest_of_an_earlier_release_plays_on_when_one_for_hls_alone_is_published(
    bucket: Bucket, title: Title, finished: Finished, hls_alone: Path
) -> None:
    finished.publish(bucket)
    finish(hls_alone, LATER).publish(bucket)
    assert current_release(bucket, title) == LATER
    kept = bucket.get_bytes(title_prefix(title) + MPD)
    assert kept is not None
    assert release_of_mpd(kept.decode()) == RELEASE


def test_the_stable_manifests_are_led_back_to_a_release_by_its_own_in_the_bucket(
    bucket: Bucket, title: Title, finished: Finished, later: Finished
) -> None:
    for each in (finished, later):
        each.upload(bucket)
        each.publish(bucket)
    assert restore_manifests(bucket, title, RELEASE, unasked)
    for name, text in texts(finished).items():
        assert bucket.get_bytes(title_prefix(title) + name) == text.encode()
    assert not restore_manifests(bucket, title, RELEASE, unasked)


def test_nobody_is_led_back_to_a_release_that_the_bucket_does_not_have(
    bucket: Bucket, title: Title, finished: Finished
) -> None:
    finished.publish(bucket)
    with pytest.raises(StorageUnavailable, match=f"no {MASTER} of the release {RELEASE} of movie 7"):
        restore_manifests(bucket, title, RELEASE, unasked)
    assert current_release(bucket, title) == RELEASE
