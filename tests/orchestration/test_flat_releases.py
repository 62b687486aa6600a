"""A release that an earlier version made, all of it in one folder, until the next conversion replaces it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nightreel.catalog import Claim
from nightreel.orchestration.conversion.cleanup import clean_up
from nightreel.orchestration.housekeeping import delete_superseded_releases
from nightreel.releases.files import describe_files
from nightreel.releases.publish import publish_manifests
from nightreel.releases.published import judge_published
from nightreel.releases.withdrawal import withdraw
from nightreel.vocabulary.layout import flat_prefix, title_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MEDIA_CACHE, MPD, POSTER, content_type_of
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import RESULT
from tests.orchestration.installation import Installation
from tests.orchestration.staged import Made, stage, task_of
from tests.orchestration.test_publish import Steps, Stopped, publish, release_in, require_published_once
from tests.orchestration.test_publish import title as title
from tests.orchestration.test_publish_half import led_to, long_after


@dataclass(frozen=True)
class Flat:
    """A published release of an earlier version: its id, and all objects of the title with their ETags."""

    release: str
    objects: dict[str, str]


def objects_of(installation: Installation, title: Title) -> dict[str, str]:
    return {item.key: item.etag for item in installation.bucket.list(title_prefix(title))}


@pytest.fixture
def publish_flat(installation: Installation, made: Made, title: Title, tmp_path: Path) -> Callable[[], Flat]:
    """Publishes the title as earlier versions did."""

    def publish() -> Flat:
        claim = installation.catalog.claims.one(title, "earlier", installation.settings.lease)
        assert isinstance(claim, Claim)
        bucket, directory = installation.bucket, tmp_path / "flat"
        shutil.copytree(made.directory, directory)
        facts = {"release": claim.release, "content_id": title.content_id, "tracks": {}}
        manifest = made.manifest.model_copy(update={**facts, "files": tuple(describe_files(directory))})
        (directory / MANIFEST).write_text(manifest.model_dump_json(exclude={"tracks", "made_for"}))
        for path in directory.iterdir():
            key = flat_prefix(title, claim.release) + path.name
            bucket.put_file(path, key, content_type_of(path.name), MEDIA_CACHE)
        with installation.catalog.publications.holding(claim) as publication:
            hls_url, dash_url = publish_manifests(bucket, manifest, directory, publication.require_lock)
            poster_url = bucket.public_url_of(flat_prefix(title, claim.release) + POSTER)
            publication.complete(replace(RESULT, hls_url=hls_url, dash_url=dash_url, poster_url=poster_url))
        return Flat(claim.release, objects_of(installation, title))

    return publish


def test_it_plays_from_its_own_folder_and_passes_the_gate(
    installation: Installation, title: Title, publish_flat: Callable[[], Flat]
) -> None:
    flat = publish_flat()
    assert led_to(installation, title) == [flat.release] * 2
    verdict = judge_published(installation.movie(title)["hls_url"])
    assert verdict.sentences == ()
    assert verdict.release == flat.release


def test_the_next_conversion_replaces_it_and_the_grace_period_is_its_viewers(
    installation: Installation, made: Made, title: Title, publish_flat: Callable[[], Flat]
) -> None:
    flat = publish_flat()
    later = stage(installation, title, made, force=True)
    publish(later)
    require_published_once(installation, later)
    stable = {title_prefix(title) + name for name in (MASTER, MPD)}
    assert flat.objects.items() - objects_of(installation, title).items() <= {
        (key, flat.objects[key]) for key in stable
    }
    whole = installation.files(title, later.claim.release)

    long_after(installation)
    assert installation.files(title, flat.release) == {}
    assert installation.files(title, later.claim.release) == whole
    assert led_to(installation, title) == [later.claim.release] * 2


def test_viewers_are_led_back_to_it_where_the_next_publishing_stops_halfway(
    installation: Installation,
    made: Made,
    title: Title,
    publish_flat: Callable[[], Flat],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flat = publish_flat()
    later = stage(installation, title, made, force=True)
    steps = Steps(monkeypatch, look=lambda: None)
    steps.stop("mpd", "after")
    with pytest.raises(Stopped):
        publish(later)
    assert release_in(installation, title, MASTER) == later.claim.release
    with task_of(later.run_id):
        clean_up(later.ticket)
    assert flat.objects.items() <= objects_of(installation, title).items()
    long_after(installation)
    assert objects_of(installation, title) == flat.objects


def test_a_title_is_withdrawn_with_it(
    installation: Installation, title: Title, publish_flat: Callable[[], Flat]
) -> None:
    flat = publish_flat()
    delete_superseded_releases()
    assert objects_of(installation, title) == flat.objects
    withdraw(installation.catalog, installation.bucket, title)
    assert objects_of(installation, title) == {}
