from pathlib import Path

import pytest

from nightreel.catalog import Catalog
from nightreel.releases.deletion import ReleaseInUse, delete_release
from nightreel.releases.inventory import current_release, list_releases
from nightreel.releases.publish import publish_master, stable_texts
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD
from nightreel.vocabulary.title import Title
from tests.fixtures_object_store import unasked
from tests.releases.conftest import LATER, LATEST, RELEASE, Finished, finish


@pytest.fixture
def two_releases(bucket: Bucket, release_directory: Path) -> tuple[Finished, Finished]:
    """The bucket with two releases of the title, the later one published."""
    earlier, later = finish(release_directory, RELEASE), finish(release_directory, LATER)
    for each in (later, earlier):
        each.upload(bucket)
    later.publish(bucket)
    return earlier, later


def keys(bucket: Bucket) -> set[str]:
    return {item.key for item in bucket.list("")}


def test_releases_are_listed_oldest_first(
    bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    bucket.put_bytes("hls/movies/7/notes/read.me", b"", "text/plain", "no-store")
    assert list_releases(bucket, title) == [RELEASE, LATER]
    assert list_releases(bucket, Title("movie", "70")) == []


def test_a_superseded_release_is_deleted_whole_and_nothing_else(
    catalog: Catalog, bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    earlier, _ = two_releases
    others = keys(bucket) - {each.key for each in earlier.files}
    assert delete_release(catalog, bucket, title, RELEASE) == 14
    assert keys(bucket) == others
    assert list_releases(bucket, title) == [LATER]
    assert delete_release(catalog, bucket, title, RELEASE) == 0


def test_the_tracks_of_another_title_are_not_looked_at(
    catalog: Catalog, bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    earlier, _ = two_releases
    other = title_prefix(Title("movie", "70"))
    for each in earlier.files:
        key = each.key.replace(title_prefix(title), other)
        bucket.put_bytes(key, b"x", "text/plain", "no-store")
    delete_release(catalog, bucket, title, RELEASE)
    assert len(list(bucket.list(other))) == 14


def test_the_published_release_cannot_be_deleted(
    catalog: Catalog, bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    before = keys(bucket)
    with pytest.raises(ReleaseInUse, match=LATER):
        delete_release(catalog, bucket, title, LATER)
    assert keys(bucket) == before
    assert current_release(bucket, title) == LATER


def test_a_release_that_only_the_dash_manifest_points_to_cannot_be_deleted(
    catalog: Catalog, bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    earlier, _ = two_releases
    master = stable_texts(earlier.manifest, earlier.manifests)[MASTER]
    publish_master(bucket, title, master, unasked)
    before = keys(bucket)
    with pytest.raises(ReleaseInUse):
        delete_release(catalog, bucket, title, LATER)
    assert keys(bucket) == before


def test_a_dash_manifest_that_nothing_replaces_is_deleted_with_its_release(
    catalog: Catalog,
    bucket: Bucket,
    title: Title,
    two_releases: tuple[Finished, Finished],
    hls_alone: Path,
) -> None:
    alone = finish(hls_alone, LATEST)
    alone.upload(bucket)
    alone.publish(bucket)
    assert bucket.head(title_prefix(title) + MPD) is not None
    assert delete_release(catalog, bucket, title, LATER) == 14
    assert bucket.head(title_prefix(title) + MPD) is None
    assert list_releases(bucket, title) == [RELEASE, LATEST]
    with pytest.raises(ReleaseInUse, match=LATEST):
        delete_release(catalog, bucket, title, LATEST)


def test_of_a_run_that_left_tracks_alone_all_are_deleted(
    catalog: Catalog, bucket: Bucket, title: Title, two_releases: tuple[Finished, Finished]
) -> None:
    earlier, later = two_releases
    bucket.delete(earlier.manifest.key_of(name) for name in (MASTER, MPD, MANIFEST))
    assert list_releases(bucket, title) == [RELEASE, LATER]
    assert delete_release(catalog, bucket, title, RELEASE) == 11
    assert keys(bucket) - {title_prefix(title) + MASTER, title_prefix(title) + MPD} == {
        each.key for each in later.files
    }
