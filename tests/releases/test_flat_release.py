"""A release of the version before there were tracks: it plays, is judged, is replaced, and is deleted whole.

`flat_release/` has the files as that version left them in the bucket, below `hls/movies/7/`.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.housekeeping.releases import TitleRelease, delete_superseded, delete_unknown, lead_back
from nightreel.releases.deletion import ReleaseInUse, delete_release
from nightreel.releases.files import describe_files, read_manifest
from nightreel.releases.inventory import current_release, list_releases, prefix_of
from nightreel.releases.publish import publish_master, publish_mpd, restore_manifests, stable_texts
from nightreel.releases.published import judge_published
from nightreel.releases.upload import verify_presence
from nightreel.releases.withdrawal import withdraw
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import flat_prefix, title_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MEDIA_CACHE, MPD, STABLE_CACHE, content_type_of
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, RESULT, Database
from tests.fixtures_object_store import unasked
from tests.laid_out import lay_out
from tests.releases.conftest import LATER, Finished
from tests.releases.followed import named_by

FILES = Path(__file__).parent / "flat_release"
RELEASE = "20261121T010000-0a1b2c3d"
TITLE = Title("movie", "7")
STABLE = {name: (FILES / name).read_bytes() for name in (MASTER, MPD)}
COUNT = 25
ALL_GRACE_IS_OVER = timedelta(seconds=-5)


@pytest.fixture
def title(bucket: Bucket) -> Title:
    """Published as that version left it."""
    for path in (FILES / RELEASE).iterdir():
        key = flat_prefix(TITLE, RELEASE) + path.name
        bucket.put_bytes(key, path.read_bytes(), content_type_of(path.name), MEDIA_CACHE)
    for name, content in STABLE.items():
        bucket.put_bytes(title_prefix(TITLE) + name, content, content_type_of(name), STABLE_CACHE)
    return TITLE


@pytest.fixture
def recorded(title: Title, catalog: Catalog, database: Database, bucket: Bucket) -> Title:
    """The same, with the rows that the catalog has of it."""
    database.add_movie(int(title.content_id))
    database.query(
        "INSERT INTO nightreel.conversions (content_type, content_id, state, release, published_at)"
        " VALUES ('movie', '7', 'published', %s, now())",
        RELEASE,
    )
    database.query(
        "INSERT INTO nightreel.releases (content_type, content_id, release, timeline, published_at)"
        " VALUES ('movie', '7', %s, %s, now())",
        RELEASE,
        RELEASE,
    )
    return title


def with_tracks(directory: Path, release: str) -> Finished:
    """What the same files are as a release with tracks."""
    facts = read_manifest(FILES / RELEASE).model_copy(update={"release": release})
    manifests = directory / "manifests"
    return Finished(lay_out(facts, FILES / RELEASE, manifests), FILES / RELEASE, manifests)


@pytest.fixture
def later(tmp_path: Path) -> Finished:
    return with_tracks(tmp_path, LATER)


def stable(bucket: Bucket, name: str) -> bytes:
    content = bucket.get_bytes(title_prefix(TITLE) + name)
    assert content is not None
    return content


def require_playable(bucket: Bucket) -> None:
    """Both stable manifests lead to a whole release, as viewers get it."""
    for name in (MASTER, MPD):
        url = bucket.public_url_of(title_prefix(TITLE) + name)
        named = named_by(url, httpx.get(url).raise_for_status().text)
        assert len(named) > 4
        assert [each for each in named if not httpx.head(each).is_success] == []


def url_of(bucket: Bucket) -> str:
    return bucket.public_url_of(title_prefix(TITLE) + MASTER)


def flat_keys(bucket: Bucket) -> list[str]:
    return [item.key for item in bucket.list(flat_prefix(TITLE, RELEASE))]


def test_the_files_are_those_of_the_version_before_and_whole() -> None:
    listed = json.loads((FILES / RELEASE / MANIFEST).read_text("utf-8"))
    assert not {"tracks", "made_for"} & set(listed)
    manifest = read_manifest(FILES / RELEASE)
    assert manifest.files == tuple(describe_files(FILES / RELEASE))
    assert len(manifest.files) + 1 == COUNT
    assert b"../" not in b"".join(STABLE.values())


def test_it_passes_the_gate_over_http(bucket: Bucket, title: Title) -> None:
    verdict = judge_published(url_of(bucket))

    assert verdict.sentences == ()
    assert verdict.passed
    assert verdict.release == RELEASE


def test_damage_to_it_is_noticed_over_http(bucket: Bucket, title: Title) -> None:
    bucket.delete([flat_prefix(title, RELEASE) + "stream_144p_001.m4s"])
    bucket.put_bytes(title_prefix(title) + MPD, STABLE[MPD] + b"\n", content_type_of(MPD), STABLE_CACHE)

    sentences = "\n".join(judge_published(url_of(bucket)).sentences)

    assert "stream_144p_001.m4s answers HTTP 404" in sentences
    assert f"the stable {MPD} is not that of release {RELEASE}" in sentences


def test_it_is_found_where_it_lies(bucket: Bucket, title: Title) -> None:
    assert list_releases(bucket, title) == [RELEASE]
    assert current_release(bucket, title) == RELEASE
    assert prefix_of(bucket, title, RELEASE) == flat_prefix(title, RELEASE)
    verify_presence(bucket, read_manifest(FILES / RELEASE))
    require_playable(bucket)


def test_leading_viewers_to_it_changes_no_byte_where_they_are_led_to_it(bucket: Bucket, title: Title) -> None:
    before = {name: bucket.head(title_prefix(title) + name) for name in STABLE}
    assert not restore_manifests(bucket, title, RELEASE, unasked)
    assert {name: bucket.head(title_prefix(title) + name) for name in STABLE} == before
    assert {name: stable(bucket, name) for name in STABLE} == STABLE


def test_viewers_are_led_back_to_it_by_the_same_bytes_as_before(
    bucket: Bucket, title: Title, later: Finished
) -> None:
    later.upload(bucket)
    later.publish(bucket)
    assert current_release(bucket, title) == LATER
    assert restore_manifests(bucket, title, RELEASE, unasked)
    assert {name: stable(bucket, name) for name in STABLE} == STABLE


def test_manifests_that_are_gone_come_back_by_the_same_bytes(bucket: Bucket, title: Title) -> None:
    bucket.delete(title_prefix(title) + name for name in STABLE)
    assert restore_manifests(bucket, title, RELEASE, unasked)
    assert {name: stable(bucket, name) for name in STABLE} == STABLE


def test_it_is_replaced_by_a_release_with_tracks_without_a_broken_moment(
    bucket: Bucket, catalog: Catalog, title: Title, later: Finished
) -> None:
    def require_in_use() -> None:
        with pytest.raises(ReleaseInUse):
            delete_release(catalog, bucket, title, RELEASE)
        assert len(flat_keys(bucket)) == COUNT
        require_playable(bucket)

    later.upload(bucket)
    require_in_use()
    texts = stable_texts(later.manifest, later.manifests)
    publish_master(bucket, title, texts[MASTER], unasked)
    require_in_use()
    publish_mpd(bucket, title, texts[MPD], unasked)
    require_playable(bucket)
    assert delete_release(catalog, bucket, title, RELEASE) == COUNT
    assert flat_keys(bucket) == []
    require_playable(bucket)
    verdict = judge_published(url_of(bucket))
    assert (verdict.release, verdict.sentences) == (LATER, ())


def test_housekeeping_deletes_it_once_it_is_replaced_and_nothing_of_the_later_one(
    bucket: Bucket, catalog: Catalog, recorded: Title, tmp_path: Path
) -> None:
    claim = catalog.claims.one(recorded, "run-1", LEASE, force=True)
    assert isinstance(claim, Claim)
    later = with_tracks(tmp_path, claim.release)
    later.upload(bucket)
    with catalog.publications.holding(claim, later.manifest.tracks.values()) as publication:
        publication.complete(replace(RESULT, hls_url=url_of(bucket)))
        later.publish(bucket)
    kept = {each.key for each in later.files} | {title_prefix(recorded) + name for name in STABLE}
    assert len(flat_keys(bucket)) == COUNT
    assert delete_superseded(catalog, bucket, ALL_GRACE_IS_OVER) == [TitleRelease(recorded, RELEASE)]
    assert {item.key for item in bucket.list("")} == kept
    assert delete_unknown(catalog, bucket, ALL_GRACE_IS_OVER) == []
    assert {item.key for item in bucket.list("")} == kept
    require_playable(bucket)


def test_viewers_are_led_back_to_it_when_the_publication_of_a_later_one_stopped_halfway(
    bucket: Bucket, catalog: Catalog, recorded: Title, tmp_path: Path
) -> None:
    claim = catalog.claims.one(recorded, "run-1", LEASE, force=True)
    assert isinstance(claim, Claim)
    later = with_tracks(tmp_path, claim.release)
    later.upload(bucket)

    def publish_half() -> None:
        with catalog.publications.holding(claim, later.manifest.tracks.values()):
            publish_master(bucket, recorded, stable_texts(later.manifest, later.manifests)[MASTER], unasked)
            raise RuntimeError("the worker dies between the two manifests")

    with pytest.raises(RuntimeError):
        publish_half()
    require_playable(bucket)
    catalog.verdicts.fail(claim, "worker_died", "It died.")
    assert catalog.releases.give_up(recorded, claim.release)
    assert lead_back(catalog, bucket) == [TitleRelease(recorded, RELEASE)]
    assert {name: stable(bucket, name) for name in STABLE} == STABLE


def test_a_title_that_has_it_is_withdrawn_whole(bucket: Bucket, catalog: Catalog, recorded: Title) -> None:
    assert withdraw(catalog, bucket, recorded) == COUNT
    assert list(bucket.list("")) == []
