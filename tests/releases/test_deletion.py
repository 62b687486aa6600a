from pathlib import Path

import pytest

from nightreel.releases.deletion import ReleaseInUse, current_release, delete_release, list_releases
from nightreel.releases.publish import publish_manifests, publish_master, stable_manifests
from nightreel.releases.upload import upload_release
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import MASTER, MPD, ReleaseManifest, release_prefix, title_prefix
from nightreel.vocabulary.title import Title
from tests.fixtures_object_store import unasked
from tests.releases.conftest import RELEASE, describe

LATER = "20261122T010000-0a1b2c3d"
LATEST = "20261123T010000-0a1b2c3d"


@pytest.fixture
def two_releases(bucket: Bucket, title: Title, release_directory: Path, manifest: ReleaseManifest) -> Bucket:
    """The bucket with two releases of the title, the later one published."""
    for release in (LATER, RELEASE):
        upload_release(bucket, release_directory, manifest, release_prefix(title, release), threads=4)
    publish_manifests(bucket, title, LATER, release_directory, unasked)
    return bucket


def test_releases_are_listed_oldest_first(two_releases: Bucket, title: Title) -> None:
    two_releases.put_bytes("hls/movies/7/notes/read.me", b"", "text/plain", "no-store")
    assert list_releases(two_releases, title) == [RELEASE, LATER]
    assert list_releases(two_releases, Title("movie", "70")) == []


def test_a_superseded_release_is_deleted_whole_and_nothing_else(two_releases: Bucket, title: Title) -> None:
    others = {item.key for item in two_releases.list("")} - {
        item.key for item in two_releases.list(release_prefix(title, RELEASE))
    }
    assert delete_release(two_releases, title, RELEASE) == 9
    assert {item.key for item in two_releases.list("")} == others
    assert list_releases(two_releases, title) == [LATER]
    assert delete_release(two_releases, title, RELEASE) == 0


def test_the_published_release_cannot_be_deleted(two_releases: Bucket, title: Title) -> None:
    before = [item.key for item in two_releases.list("")]
    with pytest.raises(ReleaseInUse, match=LATER):
        delete_release(two_releases, title, LATER)
    assert [item.key for item in two_releases.list("")] == before
    assert current_release(two_releases, title) == LATER


def test_a_release_that_only_the_dash_manifest_points_to_cannot_be_deleted(
    two_releases: Bucket, title: Title, release_directory: Path
) -> None:
    publish_master(two_releases, title, stable_manifests(RELEASE, release_directory)[MASTER], unasked)
    with pytest.raises(ReleaseInUse):
        delete_release(two_releases, title, LATER)


def test_a_dash_manifest_that_nothing_replaces_is_deleted_with_its_release(
    two_releases: Bucket, title: Title, hls_alone: Path
) -> None:
    alone = describe(hls_alone)
    upload_release(two_releases, hls_alone, alone, release_prefix(title, LATEST), threads=4)
    publish_manifests(two_releases, title, LATEST, hls_alone, unasked)
    assert two_releases.head(title_prefix(title) + MPD) is not None
    assert delete_release(two_releases, title, LATER) == 9
    assert two_releases.head(title_prefix(title) + MPD) is None
    assert list_releases(two_releases, title) == [RELEASE, LATEST]
    with pytest.raises(ReleaseInUse, match=LATEST):
        delete_release(two_releases, title, LATEST)
