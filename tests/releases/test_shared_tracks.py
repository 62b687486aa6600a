"""Tracks that several releases have: each stays as long as anything needs it, and no longer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import StorageUnavailable
from nightreel.releases.deletion import delete_release
from nightreel.releases.inventory import list_releases
from nightreel.releases.withdrawal import withdraw
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix, tracks_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, track_id
from tests.catalog.conftest import LEASE, Database
from tests.releases.conftest import LATER, RELEASE
from tests.releases.followed import named_by
from tests.releases.test_withdrawal import publish_release, put_manifests, put_release


@dataclass(frozen=True)
class Library:
    """A title, and the hands that publish and delete its releases."""

    catalog: Catalog
    bucket: Bucket
    title: Title

    def publish(self, run_id: str, **shared: str) -> str:
        """Publishes a release with these tracks of others, and returns its id."""
        return publish_release(self.catalog, self.bucket, self.title, run_id, shared).release

    def claim(self, run_id: str) -> Claim:
        claim = self.catalog.claims.one(self.title, run_id, LEASE, force=True)
        assert isinstance(claim, Claim)
        return claim

    def delete(self, release: str, bucket: Bucket | None = None) -> int:
        return delete_release(self.catalog, bucket or self.bucket, self.title, release)

    def clean_up(self) -> None:
        """As housekeeping does it, once every grace period is over."""
        for _, release in self.catalog.releases.superseded(timedelta(0)):
            self.delete(release)
            self.catalog.releases.mark_deleted(self.title, release)

    @property
    def tracks(self) -> list[str]:
        """Those that have a file. Some S3 servers go on listing a folder that is empty."""
        prefix = tracks_prefix(self.title)
        keys = (item.key for item in self.bucket.list(prefix))
        return sorted({key.removeprefix(prefix).partition("/")[0] for key in keys})

    def require_playable(self) -> None:
        for name in (MASTER, MPD):
            key = title_prefix(self.title) + name
            content = self.bucket.get_bytes(key)
            assert content is not None
            missing = [each for each in named_by(key, content.decode()) if self.bucket.head(each) is None]
            assert missing == []


def tracks_of(release: str, *renditions: str) -> list[str]:
    return [track_id(rendition, release) for rendition in renditions or ("360p", STILLS)]


def shared(release: str, *renditions: str) -> Mapping[str, str]:
    return {rendition: track_id(rendition, release) for rendition in renditions}


class Dying(Bucket):
    """The real bucket, whose process is killed after so many deletions."""

    def __init__(self, bucket: Bucket, after: int) -> None:
        super().__init__(bucket._client, bucket.name, bucket.public_url)
        self._left = after

    def delete(self, keys: Iterable[str]) -> int:
        count = 0
        for key in keys:
            if not self._left:
                raise StorageUnavailable("killed")
            self._left -= 1
            count += super().delete([key])
        return count


@pytest.fixture
def library(catalog: Catalog, database: Database, bucket: Bucket) -> Library:
    return Library(catalog, bucket, database.add_movie(1))


def test_a_shared_track_outlives_the_release_that_it_was_made_for(library: Library) -> None:
    first = library.publish("run-1")
    second = library.publish("run-2", **shared(first, "360p"))
    # Both manifests, and the poster; the two files of the picture stay.
    assert library.delete(first) == 3
    assert library.tracks == [*tracks_of(first, "360p"), *tracks_of(second, STILLS)]
    library.require_playable()


def test_a_shared_track_goes_with_the_last_release_that_has_it(library: Library) -> None:
    first = library.publish("run-1")
    second = library.publish("run-2", **shared(first, "360p"))
    third = library.publish("run-3")
    library.clean_up()
    assert library.tracks == tracks_of(third)
    assert list_releases(library.bucket, library.title) == [third]
    assert library.delete(first) == library.delete(second) == 0
    library.require_playable()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_releases_that_share_everything_may_go_in_any_order(library: Library, order: tuple[int, ...]) -> None:
    first = library.publish("run-1")
    all_of_it = shared(first, "360p", STILLS)
    old = [first, library.publish("run-2", **all_of_it), library.publish("run-3", **all_of_it)]
    last = library.publish("run-4")
    for count, place in enumerate(order, start=1):
        assert library.delete(old[place]) == (2 if count < len(order) else 2 + 3)
        library.catalog.releases.mark_deleted(library.title, old[place])
        library.require_playable()
    assert library.tracks == tracks_of(last)


def test_a_track_goes_though_the_release_that_it_was_made_for_is_long_forgotten(library: Library) -> None:
    first = library.publish("run-1")
    library.publish("run-2", **shared(first, "360p"))
    library.clean_up()
    assert library.catalog.releases.forget(timedelta(seconds=-5)) == 1
    assert first not in library.catalog.releases.ever(library.title)
    third = library.publish("run-3")
    library.clean_up()
    assert library.tracks == tracks_of(third)


def test_the_tracks_of_a_run_that_has_the_title_claimed_stay(library: Library) -> None:
    old = library.publish("run-1")
    new = library.publish("run-2")
    claim = library.claim("run-3")
    put_release(library.bucket, library.title, claim.release)
    library.clean_up()
    assert library.tracks == sorted(tracks_of(new) + tracks_of(claim.release))
    assert not set(tracks_of(old)) & set(library.tracks)


def test_the_tracks_of_a_run_whose_claim_has_ended_go(library: Library) -> None:
    current = library.publish("run-1")
    claim = library.claim("run-2")
    put_release(library.bucket, library.title, claim.release)
    library.catalog.verdicts.fail(claim, "run_ended", "It ended.")
    assert library.delete(claim.release) == 5
    assert library.tracks == tracks_of(current)


def test_a_run_that_ends_takes_no_track_of_another_release_along(library: Library) -> None:
    current = library.publish("run-1")
    claim = library.claim("run-2")
    put_release(library.bucket, library.title, claim.release, shared(current, "360p"))
    library.catalog.verdicts.fail(claim, "run_ended", "It ended.")
    library.delete(claim.release)
    assert library.tracks == tracks_of(current)
    library.require_playable()


def test_a_release_whose_publication_was_announced_keeps_its_tracks(library: Library) -> None:
    first = library.publish("run-1")
    claim = library.claim("run-2")
    manifest = put_release(library.bucket, library.title, claim.release, shared(first, "360p"))
    with (
        pytest.raises(RuntimeError),
        library.catalog.publications.holding(claim, manifest.tracks.values()),
    ):
        raise RuntimeError("the worker dies between the manifests and the commit")
    library.catalog.verdicts.fail(claim, "worker_died", "It died.")
    put_manifests(library.bucket, library.title, claim.release)
    library.delete(first)
    assert library.tracks == sorted([*tracks_of(first, "360p"), *tracks_of(claim.release, STILLS)])
    library.require_playable()


def test_a_track_that_a_stable_manifest_leads_to_stays_though_no_record_names_it(
    library: Library,
) -> None:
    put_release(library.bucket, library.title, RELEASE)
    put_release(library.bucket, library.title, LATER, shared(RELEASE, "360p"))
    put_manifests(library.bucket, library.title, LATER)
    assert library.delete(RELEASE) == 3
    assert library.tracks == [*tracks_of(RELEASE, "360p"), *tracks_of(LATER, STILLS)]
    library.require_playable()


@pytest.mark.parametrize("name", [MASTER, MPD])
def test_a_track_stays_that_only_one_of_the_stable_manifests_leads_to(library: Library, name: str) -> None:
    put_release(library.bucket, library.title, RELEASE)
    put_release(library.bucket, library.title, LATER, shared(RELEASE, "360p"))
    put_manifests(library.bucket, library.title, LATER)
    other = MPD if name == MASTER else MASTER
    library.bucket.delete([title_prefix(library.title) + other])
    library.delete(RELEASE)
    assert library.tracks == [*tracks_of(RELEASE, "360p"), *tracks_of(LATER, STILLS)]


@pytest.mark.parametrize("after", range(8))
def test_a_deletion_that_was_killed_anywhere_breaks_nothing_and_is_finished_by_another(
    library: Library, after: int
) -> None:
    first = library.publish("run-1")
    second = library.publish("run-2", **shared(first, "360p"))
    third = library.publish("run-3", **shared(first, STILLS))
    dying = Dying(library.bucket, after)
    doomed = [first, second]
    for release in doomed:
        try:
            library.delete(release, dying)
        except StorageUnavailable:
            break
        library.catalog.releases.mark_deleted(library.title, release)
    library.require_playable()
    library.clean_up()
    assert library.tracks == sorted([*tracks_of(third, "360p"), *tracks_of(first, STILLS)])
    library.require_playable()
    # The manifests and the picture of the published release, and a poster that it shares.
    assert len(list(library.bucket.list(""))) == 2 + 2 + 2 + 1


def test_a_withdrawn_title_leaves_nothing_however_its_releases_shared_their_tracks(library: Library) -> None:
    first = library.publish("run-1")
    library.publish("run-2", **shared(first, "360p"))
    library.clean_up()
    library.publish("run-3", **shared(first, "360p"))
    # A track that was kept is counted with the last release that had it.
    assert withdraw(library.catalog, library.bucket, library.title) == 2 + 1 + 2 + 1 + 2
    assert list(library.bucket.list("")) == []
