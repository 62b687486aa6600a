"""What the bucket holds of a title, read from the names of its folders."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.releases.inventory import (
    current_release,
    list_releases,
    objects_of,
    played_tracks,
    prefix_of,
    release_ids,
    track_ids,
)
from nightreel.releases.publish import stable_texts
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import flat_prefix, release_prefix, title_prefix, track_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.releases.conftest import LATER, LATEST, MASTER_TEXT, RELEASE, Finished, finish

Put = Callable[[str], None]


@pytest.fixture
def put(bucket: Bucket) -> Put:
    return lambda key: bucket.put_bytes(key, b"x", "text/plain", "no-store")


def test_releases_are_listed_oldest_first_wherever_they_lie(bucket: Bucket, title: Title, put: Put) -> None:
    put(release_prefix(title, LATEST) + MASTER)
    put(flat_prefix(title, LATER) + MASTER)
    put(release_prefix(title, RELEASE) + MASTER)
    assert list_releases(bucket, title) == release_ids(bucket, title) == [RELEASE, LATER, LATEST]
    assert list_releases(bucket, Title("movie", "70")) == release_ids(bucket, Title("movie", "70")) == []


def test_a_run_that_left_nothing_but_tracks_is_listed_as_a_release(
    bucket: Bucket, title: Title, put: Put
) -> None:
    put(track_prefix(title, track_id("360p", RELEASE)) + "stream_360p_000.m4s")
    put(track_prefix(title, track_id("audio_en", LATER)) + "audio_en.m3u8")
    assert list_releases(bucket, title) == [RELEASE, LATER]


def test_a_release_that_lies_in_several_places_is_listed_once(bucket: Bucket, title: Title, put: Put) -> None:
    put(release_prefix(title, RELEASE) + MASTER)
    put(flat_prefix(title, RELEASE) + MASTER)
    put(track_prefix(title, track_id("360p", RELEASE)) + "stream_360p_000.m4s")
    assert list_releases(bucket, title) == [RELEASE]


@pytest.mark.parametrize(
    "name",
    [
        "notes/read.me",
        "master.m3u8",
        RELEASE,
        f"{RELEASE.upper()}/x",
        f"releases/{RELEASE}",
        f"releases/old/{RELEASE}/x",
        f"tracks/360p-{RELEASE}",
        f"tracks/{RELEASE}/x",
        f"tracks/poster-{RELEASE}/x",
        f"tracks/a/360p-{RELEASE}/x",
        f"other/360p-{RELEASE}/x",
    ],
)
def test_what_is_in_no_place_of_a_release_is_none(bucket: Bucket, title: Title, put: Put, name: str) -> None:
    put(title_prefix(title) + name)
    assert release_ids(bucket, title) == track_ids(bucket, title) == []


def test_tracks_are_listed_by_their_ids(bucket: Bucket, title: Title, put: Put) -> None:
    tracks = [track_id(name, release) for name in ("360p", "stills") for release in (RELEASE, LATER)]
    for track in tracks:
        put(track_prefix(title, track) + "x")
    put(track_prefix(Title("movie", "70"), track_id("720p", RELEASE)) + "x")
    assert track_ids(bucket, title) == tracks


def test_the_objects_of_a_release_are_its_manifests_and_what_its_run_made(
    bucket: Bucket, title: Title, finished: Finished, release_directory: Path
) -> None:
    finished.upload(bucket)
    finish(release_directory, LATER).upload(bucket)
    found = [item.key for item in objects_of(bucket, title, RELEASE)]
    assert sorted(found) == sorted(each.key for each in finished.files)


def test_the_objects_of_a_flat_release_are_those_of_its_folder(
    bucket: Bucket, title: Title, put: Put
) -> None:
    keys = [flat_prefix(title, RELEASE) + name for name in (MASTER, "stream_360p.m3u8")]
    for key in keys:
        put(key)
    put(flat_prefix(title, LATER) + MASTER)
    assert [item.key for item in objects_of(bucket, title, RELEASE)] == keys


def test_the_manifests_of_a_release_are_found_beside_its_tracks_or_in_its_flat_folder(
    bucket: Bucket, title: Title, put: Put
) -> None:
    put(release_prefix(title, RELEASE) + MASTER)
    put(flat_prefix(title, LATER) + MASTER)
    assert prefix_of(bucket, title, RELEASE) == release_prefix(title, RELEASE)
    assert prefix_of(bucket, title, LATER) == flat_prefix(title, LATER)


def test_the_stable_manifests_tell_which_release_and_which_tracks_are_played(
    bucket: Bucket, title: Title, finished: Finished
) -> None:
    finished.upload(bucket)
    finished.publish(bucket)
    assert current_release(bucket, title) == RELEASE
    stable = {name: bucket.get_bytes(title_prefix(title) + name) for name in (MASTER, MPD)}
    sound_and_picture = {track_id(name, RELEASE) for name in ("360p", "audio_en")}
    for content in stable.values():
        assert played_tracks(content) == sound_and_picture
    assert played_tracks(None, stable[MPD]) == sound_and_picture
    assert played_tracks(None, None) == set()


def test_tracks_that_several_releases_made_are_all_played(finished: Finished) -> None:
    tracks = finished.manifest.tracks | {"audio_en": track_id("audio_en", LATER)}
    shared = finished.manifest.model_copy(update={"tracks": tracks})
    for name in (MASTER, MPD):
        path = finished.manifests / name
        path.write_text(path.read_text("utf-8").replace(f"audio_en-{RELEASE}", f"audio_en-{LATER}"), "utf-8")
    for text in stable_texts(shared, finished.manifests).values():
        assert played_tracks(text.encode()) == {track_id("360p", RELEASE), track_id("audio_en", LATER)}


def test_a_flat_release_has_no_tracks_that_are_played() -> None:
    assert played_tracks(MASTER_TEXT.replace("stream_", f"{RELEASE}/stream_").encode()) == set()
