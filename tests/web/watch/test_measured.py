"""What is measured on a release that lies in the bucket."""

import pytest

from nightreel.releases.references import flat
from nightreel.vocabulary.layout import flat_prefix, release_prefix, track_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD, SPRITES
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from nightreel.web.watch.measured import MeasuredRelease, measured_release
from tests.web.watch.conftest import PLAN
from tests.web.watch.released import CHECKS, Publisher

QUALITY = {"108p": {"vmaf_mean": 94.25, "vmaf_low": 81.5, "frames": 45}}


def measured(publisher: Publisher, title: Title) -> MeasuredRelease:
    release = measured_release(publisher.services.bucket, title, publisher.release_of(title))
    assert release
    return release


@pytest.fixture(scope="module")
def title(publisher: Publisher) -> Title:
    return publisher.publish(publisher.claimed(21, "Measured", "run_measured"), quality=QUALITY)


def test_every_rendition_is_measured_the_best_picture_first(publisher: Publisher, title: Title) -> None:
    renditions = measured(publisher, title).renditions
    names = ["108p", "54p", "audio_en", "audio_fr", "subs_en", "subs_fr"]
    assert [each.name for each in renditions] == names
    assert [(each.width, each.height) for each in renditions[:2]] == [(192, 108), (96, 54)]
    for each in renditions[:4]:
        assert each.seconds == pytest.approx(PLAN.duration, abs=0.05)


def test_the_rates_are_those_of_the_segments_in_the_bucket(publisher: Publisher, title: Title) -> None:
    bucket = publisher.services.bucket
    track = track_prefix(title, track_id("108p", publisher.release_of(title)))
    sizes = [item.size for item in bucket.list(track) if item.key.endswith(".m4s")]
    picture = measured(publisher, title).pictures[0]
    assert picture.bytes == sum(sizes)
    assert [round(piece.rate * piece.seconds / 8) for piece in picture.pieces] == sizes
    assert picture.average
    assert picture.peak
    assert picture.announced
    assert picture.average <= picture.peak <= picture.announced


def test_quality_is_that_of_the_manifest_or_none(publisher: Publisher, title: Title) -> None:
    best, worst = measured(publisher, title).pictures
    assert best.quality
    assert (best.quality.vmaf_mean, best.quality.vmaf_low) == (94.25, 81.5)
    assert worst.quality is None
    assert measured(publisher, title).checks == CHECKS


def test_a_release_is_seen_as_encrypted_when_its_playlists_are(publisher: Publisher, title: Title) -> None:
    locked = publisher.publish(publisher.claimed(22, "Locked", "run_locked"), encrypted=True)
    assert measured(publisher, locked).encrypted
    assert not measured(publisher, title).encrypted


def test_a_release_that_is_not_complete_yet_is_looked_for_again(publisher: Publisher) -> None:
    title = publisher.publish(publisher.claimed(23, "Late", "run_late"))
    bucket, release = publisher.services.bucket, publisher.release_of(title)
    key = release_prefix(title, release) + MANIFEST
    content = bucket.get_bytes(key)
    assert content
    bucket.delete([key])
    assert measured_release(bucket, title, release) is None
    bucket.put_bytes(key, content, "application/json", "no-store")
    assert measured_release(bucket, title, release)


def test_a_release_of_an_earlier_version_is_measured_in_its_one_folder(
    publisher: Publisher, title: Title
) -> None:
    bucket, earlier = publisher.services.bucket, "20250101T010000-0a1b2c3d"
    release = publisher.release_of(title)
    manifest = ReleaseManifest.model_validate_json(
        bucket.get_bytes(release_prefix(title, release) + MANIFEST) or b""
    )
    folder = flat_prefix(title, earlier)
    for file in manifest.files:
        content = bucket.get_bytes(manifest.key_of(file.name)) or b""
        if file.name in (MASTER, MPD):
            content = flat(file.name, content.decode()).encode()
        bucket.put_bytes(folder + file.name, content, "text/plain", "no-store")
    alike = manifest.model_copy(update={"release": earlier, "tracks": {}})
    bucket.put_bytes(folder + MANIFEST, alike.model_dump_json().encode(), "application/json", "no-store")

    found = measured_release(bucket, title, earlier)
    assert found
    assert found.renditions == measured(publisher, title).renditions
    assert (found.master_key, found.mpd_key, found.sprites_key) == tuple(
        folder + name for name in (MASTER, MPD, SPRITES)
    )
