"""Which tracks nothing needs any more, by the records of releases and of runs."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import ClaimLost
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.catalog.conftest import PAST, RESULT, Database

Claimed = Callable[..., Claim]
NOW = timedelta(seconds=-5)


def own(claim: Claim) -> list[str]:
    """The tracks that a run made."""
    return [track_id(name, claim.release) for name in ("360p", "audio_en")]


def publish(catalog: Catalog, claim: Claim, *tracks: str) -> None:
    with catalog.publications.holding(claim, tracks) as publication:
        publication.complete(RESULT)


def recorded(database: Database, claim: Claim) -> list[str]:
    rows = database.query(
        "SELECT track FROM nightreel.release_tracks WHERE release = %s ORDER BY track", claim.release
    )
    return [row["track"] for row in rows]


@pytest.fixture
def first(catalog: Catalog, database: Database, claimed: Claimed) -> Claim:
    """A release with two tracks of its own."""
    claim = claimed(database.add_movie(1), "run-1")
    publish(catalog, claim, *own(claim))
    return claim


@pytest.fixture
def second(catalog: Catalog, first: Claim, claimed: Claimed) -> Claim:
    """A later one that shares the picture."""
    claim = claimed(first.title, "run-2", force=True)
    publish(catalog, claim, own(first)[0], own(claim)[1])
    return claim


def test_the_tracks_of_a_release_are_recorded_before_a_manifest_can_lead_to_them(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    with pytest.raises(OSError, match="killed"), catalog.publications.holding(claim, own(claim)):
        raise OSError("killed after the manifests were written")
    assert recorded(database, claim) == own(claim)


def test_tracks_are_recorded_once_however_often_publishing_is_tried(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    for _ in range(2):
        with pytest.raises(OSError, match="killed"), catalog.publications.holding(claim, own(claim)):
            raise OSError("killed")
    publish(catalog, claim, *own(claim))
    publish(catalog, claim, *own(claim))
    assert recorded(database, claim) == own(claim)


def test_a_run_that_lost_its_claim_records_no_tracks(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    lost = claimed(database.add_movie(1), lease=PAST)
    claimed(lost.title, "run-2")
    with pytest.raises(ClaimLost):
        publish(catalog, lost, *own(lost))
    assert recorded(database, lost) == []


def test_a_track_that_a_later_release_has_is_in_use(catalog: Catalog, first: Claim, second: Claim) -> None:
    listed = [*own(first), *own(second)]
    assert catalog.tracks.unused(first.title, first.release, listed) == [own(first)[1]]


def test_a_track_that_an_earlier_release_has_is_in_use_until_that_is_deleted(
    catalog: Catalog, first: Claim, second: Claim, claimed: Claimed
) -> None:
    third = claimed(first.title, "run-3", force=True)
    publish(catalog, third, *own(third))
    listed = own(first)
    assert catalog.tracks.unused(first.title, second.release, listed) == []
    catalog.releases.mark_deleted(first.title, first.release)
    assert catalog.tracks.unused(first.title, second.release, listed) == [own(first)[0]]


def test_a_track_that_no_release_recorded_is_unused_by_its_maker_alone(
    catalog: Catalog, first: Claim, second: Claim
) -> None:
    forgotten = track_id("subs_en", first.release)
    assert forgotten in catalog.tracks.unused(first.title, first.release, [forgotten])
    assert catalog.tracks.unused(first.title, second.release, [forgotten]) == []


def test_what_is_not_listed_is_never_unused(catalog: Catalog, first: Claim) -> None:
    assert catalog.tracks.unused(first.title, first.release, []) == []


def test_of_two_titles_with_alike_ids_each_has_its_own_tracks(
    catalog: Catalog, database: Database, first: Claim, second: Claim
) -> None:
    listed = own(first)
    for other in (database.add_movie(2), Title("episode", first.title.content_id)):
        assert catalog.tracks.unused(other, first.release, listed) == listed
        assert catalog.tracks.unused(other, second.release, listed) == []


def test_the_tracks_of_a_run_that_has_the_title_claimed_are_in_use_until_its_claim_ends(
    catalog: Catalog, first: Claim, claimed: Claimed
) -> None:
    running = claimed(first.title, "run-2", force=True)
    assert catalog.tracks.unused(first.title, running.release, own(running)) == []
    catalog.verdicts.fail(running, "run_ended", "It ended.")
    assert catalog.tracks.unused(first.title, running.release, own(running)) == own(running)


def test_the_tracks_of_a_claim_that_expired_are_in_use_until_another_takes_its_place(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    late = claimed(database.add_movie(1), lease=PAST)
    assert catalog.tracks.unused(late.title, late.release, own(late)) == []
    claimed(late.title, "run-2")
    assert catalog.tracks.unused(late.title, late.release, own(late)) == own(late)


def test_the_tracks_of_an_abandoned_publication_are_in_use_until_it_is_deleted(
    catalog: Catalog, first: Claim, claimed: Claimed
) -> None:
    abandoned = claimed(first.title, "run-2", force=True)
    with (
        pytest.raises(OSError, match="killed"),
        catalog.publications.holding(abandoned, [own(first)[0], own(abandoned)[1]]),
    ):
        raise OSError("killed")
    catalog.verdicts.fail(abandoned, "worker_died", "It died.")
    assert catalog.tracks.unused(first.title, first.release, own(first)) == [own(first)[1]]
    catalog.releases.give_up(first.title, abandoned.release)
    assert catalog.tracks.unused(first.title, first.release, own(first)) == [own(first)[1]]
    catalog.releases.mark_deleted(first.title, abandoned.release)
    assert catalog.tracks.unused(first.title, first.release, own(first)) == own(first)


def test_what_is_forgotten_of_a_deleted_release_takes_its_tracks_along(
    catalog: Catalog, database: Database, first: Claim, second: Claim
) -> None:
    catalog.releases.mark_deleted(first.title, first.release)
    assert catalog.releases.forget(NOW) == 1
    assert recorded(database, first) == []
    assert recorded(database, second) == sorted([own(first)[0], own(second)[1]])


def test_a_flat_release_has_no_tracks(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    assert recorded(database, claim) == []
    assert catalog.tracks.unused(claim.title, claim.release, []) == []
