"""Content keys: one per timeline, stored encrypted, and gone with the last release of the timeline."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.encryption import UnknownSecret
from nightreel.errors import ClaimLost, ConfigurationError
from tests.catalog.conftest import LEASE, PAST, Database, a_secret, publish

Claimed = Callable[..., Claim]


@pytest.fixture
def claim(claimed: Claimed, database: Database) -> Claim:
    return claimed(database.add_movie(1))


def key_rows(database: Database) -> list[str]:
    """Every row of the table of keys, as the database writes it out."""
    return [row["line"] for row in database.query("SELECT k::text AS line FROM nightreel.content_keys k")]


def test_a_key_is_sixteen_bytes_that_no_other_timeline_has(
    catalog_with_keys: Catalog, database: Database, claimed: Claimed
) -> None:
    made = [
        catalog_with_keys.content_keys.make(claimed(database.add_movie(number)), "cbcs")
        for number in range(1, 6)
    ]
    assert {len(key.key) for key in made} == {len(key.iv) for key in made} == {16}
    assert len({key.key for key in made}) == len({key.iv for key in made}) == 5
    assert len({key.key_id for key in made}) == 5


def test_a_step_that_is_retried_gets_the_same_key(catalog_with_keys: Catalog, claim: Claim) -> None:
    first = catalog_with_keys.content_keys.make(claim, "cbcs")
    assert catalog_with_keys.content_keys.make(claim, "cbcs") == first
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) == first


def test_a_title_that_is_converted_again_gets_another_key(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed
) -> None:
    first = catalog_with_keys.content_keys.make(claim, "aes-128")
    publish(catalog_with_keys, claim)
    again = claimed(claim.title, force=True)
    second = catalog_with_keys.content_keys.make(again, "aes-128")
    assert second.key != first.key
    assert second.key_id != first.key_id
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) == first


def test_a_release_in_the_clear_has_no_key_and_needs_no_secret(catalog: Catalog, claim: Claim) -> None:
    assert catalog.content_keys.find(claim.title, claim.release) is None


def test_a_run_that_lost_its_claim_is_given_no_key(
    catalog_with_keys: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    lost = claimed(title, "run-1", PAST)
    claimed(title, "run-2")
    with pytest.raises(ClaimLost):
        catalog_with_keys.content_keys.make(lost, "cbcs")
    assert key_rows(database) == []


def test_the_database_holds_neither_the_key_nor_the_iv_in_the_clear(
    catalog_with_keys: Catalog, claim: Claim, database: Database
) -> None:
    key = catalog_with_keys.content_keys.make(claim, "cbcs")
    (row,) = key_rows(database)
    # Else the wrong row was searched.
    assert str(key.key_id) in row
    assert key.key.hex() not in row
    assert key.iv.hex() not in row


def test_a_key_does_not_show_when_it_is_printed(catalog_with_keys: Catalog, claim: Claim) -> None:
    key = catalog_with_keys.content_keys.make(claim, "cbcs")
    assert repr(key.key) not in repr(key)
    assert repr(key.iv) not in repr(key)


@pytest.mark.parametrize("malformed", ["hunter2", "hunter2" * 10, "ключ"])
def test_a_malformed_secret_is_named_and_not_quoted(
    with_secret: Callable[..., Catalog], claim: Claim, malformed: str
) -> None:
    with pytest.raises(ConfigurationError, match="NIGHTREEL_KEY_SECRET must be Fernet keys") as caught:
        with_secret(malformed).content_keys.make(claim, "cbcs")
    assert malformed not in str(caught.value)


def test_a_missing_secret_is_named_with_the_cure(catalog: Catalog, claim: Claim) -> None:
    with pytest.raises(ConfigurationError, match=r"NIGHTREEL_KEY_SECRET is not set.*openssl rand"):
        catalog.content_keys.make(claim, "cbcs")


def test_another_secret_reads_no_key(
    catalog_with_keys: Catalog, with_secret: Callable[..., Catalog], claim: Claim
) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    with pytest.raises(UnknownSecret, match="NIGHTREEL_KEY_SECRET does not decrypt"):
        with_secret(a_secret()).content_keys.find(claim.title, claim.release)


def test_the_first_secret_encrypts_and_all_of_them_decrypt(
    catalog_with_keys: Catalog,
    with_secret: Callable[..., Catalog],
    claim: Claim,
    claimed: Claimed,
    database: Database,
    secret: str,
) -> None:
    old = catalog_with_keys.content_keys.make(claim, "cbcs")
    newer = a_secret()
    both = with_secret(newer, secret)
    assert both.content_keys.find(claim.title, claim.release) == old
    other = claimed(database.add_movie(2))
    made = both.content_keys.make(other, "cbcs")
    assert with_secret(newer).content_keys.find(other.title, other.release) == made


def test_after_a_rotation_the_old_secret_is_no_longer_needed_and_no_longer_enough(
    catalog_with_keys: Catalog, with_secret: Callable[..., Catalog], claim: Claim, secret: str
) -> None:
    key = catalog_with_keys.content_keys.make(claim, "cbcs")
    newer = a_secret()
    assert with_secret(newer, secret).content_keys.rotate() == 1
    assert with_secret(newer).content_keys.find(claim.title, claim.release) == key
    with pytest.raises(UnknownSecret):
        catalog_with_keys.content_keys.find(claim.title, claim.release)


def test_a_rotation_that_cannot_read_every_key_changes_none(
    with_secret: Callable[..., Catalog], database: Database, claimed: Claimed
) -> None:
    known, lost = a_secret(), a_secret()
    for number, secret in ((1, known), (2, lost)):
        with_secret(secret).content_keys.make(claimed(database.add_movie(number)), "cbcs")
    before = key_rows(database)
    with pytest.raises(UnknownSecret):
        with_secret(a_secret(), known).content_keys.rotate()
    assert key_rows(database) == before


def test_a_rotation_without_keys_has_nothing_to_do(catalog_with_keys: Catalog) -> None:
    assert catalog_with_keys.content_keys.rotate() == 0


def test_a_superseded_release_keeps_its_key_until_it_is_deleted_from_the_bucket(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed
) -> None:
    old = catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    again = claimed(claim.title, force=True)
    new = catalog_with_keys.content_keys.make(again, "cbcs")
    publish(catalog_with_keys, again)
    assert catalog_with_keys.content_keys.delete_unused() == []
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) == old
    catalog_with_keys.releases.mark_deleted(claim.title, claim.release)
    assert catalog_with_keys.content_keys.delete_unused() == [(claim.title, claim.release)]
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) is None
    assert catalog_with_keys.content_keys.find(claim.title, again.release) == new


def share_timeline(database: Database, of: Claim, release: Claim) -> None:
    """As where a later run keeps tracks of an earlier release: both have the grid of the first."""
    database.query(
        "UPDATE nightreel.releases SET timeline = %s WHERE release = %s", of.release, release.release
    )


def test_a_key_stays_while_a_release_of_its_timeline_does_and_goes_with_the_last(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed, database: Database
) -> None:
    key = catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    revised = claimed(claim.title, force=True)
    publish(catalog_with_keys, revised)
    share_timeline(database, claim, revised)
    catalog_with_keys.releases.mark_deleted(claim.title, claim.release)
    catalog_with_keys.releases.forget(timedelta(seconds=-5))
    assert catalog_with_keys.content_keys.delete_unused() == []
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) == key
    publish(catalog_with_keys, claimed(claim.title, force=True))
    assert catalog_with_keys.content_keys.delete_unused() == []
    catalog_with_keys.releases.mark_deleted(claim.title, revised.release)
    assert catalog_with_keys.content_keys.delete_unused() == [(claim.title, claim.release)]


def test_the_timeline_of_another_title_keeps_no_key(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed, database: Database
) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    catalog_with_keys.verdicts.quarantine(claim, "gate_refused", "The gate refused it.")
    other = claimed(database.add_movie(2))
    publish(catalog_with_keys, other)
    share_timeline(database, claim, other)
    assert catalog_with_keys.content_keys.delete_unused() == [(claim.title, claim.release)]


def test_the_key_of_a_release_that_is_being_made_or_published_stays(
    catalog_with_keys: Catalog, claim: Claim
) -> None:
    key = catalog_with_keys.content_keys.make(claim, "cbcs")
    assert catalog_with_keys.content_keys.delete_unused() == []
    with pytest.raises(RuntimeError), catalog_with_keys.publications.holding(claim):
        # The manifests may point at it already.
        raise RuntimeError("the worker dies between the manifests and the commit")
    catalog_with_keys.verdicts.fail(claim, "worker_died", "The worker died.")
    assert catalog_with_keys.content_keys.delete_unused() == []
    assert catalog_with_keys.content_keys.find(claim.title, claim.release) == key


def test_the_key_of_a_release_that_was_refused_goes(catalog_with_keys: Catalog, claim: Claim) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    catalog_with_keys.verdicts.quarantine(claim, "gate_refused", "The gate refused it.")
    assert catalog_with_keys.content_keys.delete_unused() == [(claim.title, claim.release)]


def test_the_status_says_whether_the_published_release_is_encrypted(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed
) -> None:
    def encrypted() -> bool:
        (status,) = catalog_with_keys.titles.status()
        return status.encrypted

    catalog_with_keys.content_keys.make(claim, "cbcs")
    assert not encrypted()
    publish(catalog_with_keys, claim)
    assert encrypted()
    publish(catalog_with_keys, claimed(claim.title, force=True))
    assert not encrypted()


def test_a_release_is_encrypted_if_its_timeline_is(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed, database: Database
) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    revised = claimed(claim.title, force=True)
    publish(catalog_with_keys, revised)
    (status,) = catalog_with_keys.titles.status()
    assert (status.release, status.encrypted) == (revised.release, False)
    share_timeline(database, claim, revised)
    (status,) = catalog_with_keys.titles.status()
    assert (status.release, status.encrypted) == (revised.release, True)


@pytest.mark.parametrize("chosen", [True, False])
def test_whether_a_published_title_is_as_was_chosen_is_asked_of_its_timeline(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed, database: Database, chosen: bool
) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    revised = claimed(claim.title, force=True)
    publish(catalog_with_keys, revised)
    share_timeline(database, claim, revised)
    catalog_with_keys.claims.choose_encryption(claim.title, chosen)
    answer = catalog_with_keys.claims.one(claim.title, "run-3", LEASE)
    assert isinstance(answer, Claim) is not chosen


@pytest.mark.parametrize("encrypt", [True, False])
def test_whether_an_unchanged_source_needs_another_release_is_asked_of_its_timeline(
    catalog_with_keys: Catalog, claim: Claim, claimed: Claimed, database: Database, encrypt: bool
) -> None:
    catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    revised = claimed(claim.title, force=True)
    publish(catalog_with_keys, revised)
    share_timeline(database, claim, revised)
    catalog_with_keys.claims.choose_encryption(claim.title, encrypt)
    database.query("UPDATE movies SET video_url = 'movies/moved.mp4'")
    again = claimed(claim.title, "run-3")
    database.query("UPDATE nightreel.conversions SET source_fingerprint = 'x', release_fingerprint = 'x'")
    assert catalog_with_keys.verdicts.end_unchanged(again) is encrypt
