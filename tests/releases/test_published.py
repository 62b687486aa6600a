"""The gate over HTTP, on what a real bucket serves."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.published import PublishedVerdict, download_release, judge_published
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MEDIA_CACHE, MPD, content_type_of
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.checks.material import Material
from tests.laid_out import lay_out
from tests.releases.conftest import LATER, RELEASE, Finished

TITLE = Title("movie", "7")
SEGMENT = "stream_360p_001.m4s"


@pytest.fixture(scope="module")
def checks(undamaged: Material) -> dict[str, Any]:
    return undamaged.judged().summary()


@pytest.fixture
def finished(copied: Material, checks: dict[str, Any], tmp_path: Path) -> Finished:
    """A release that plays."""
    facts = ReleaseManifest(
        release=RELEASE,
        content_type=TITLE.content_type,
        content_id=TITLE.content_id,
        files=(),
        plan=copied.plan.model_dump(mode="json"),
        tools={},
        checks=checks,
    )
    manifests = tmp_path / "manifests"
    return Finished(lay_out(facts, copied.directory, manifests), copied.directory, manifests)


@pytest.fixture
def master_url(bucket: Bucket, finished: Finished) -> str:
    """The stable URL of a published title."""
    finished.upload(bucket)
    return finished.publish(bucket)[0]


@pytest.fixture
def key(finished: Finished) -> str:
    """Where a segment of the release is."""
    return finished.manifest.key_of(SEGMENT)


def put(bucket: Bucket, key: str, content: bytes, cache_control: str = MEDIA_CACHE) -> None:
    """Puts a file of the release into the bucket, over the one that is there."""
    bucket.put_bytes(key, content, content_type_of(key.rpartition("/")[2]), cache_control)


def deviations(master_url: str, directory: Path) -> str:
    """What is noticed in downloading, before the gate is asked."""
    with httpx.Client() as client:
        return "\n".join(download_release(master_url, directory, client).deviations)


def told(verdict: PublishedVerdict) -> str:
    assert not verdict.passed
    return "\n".join(verdict.sentences)


def test_a_published_title_passes_again_over_http(master_url: str) -> None:
    verdict = judge_published(master_url)

    assert verdict.sentences == ()
    assert verdict.passed
    assert verdict.release == RELEASE


def test_what_is_downloaded_is_the_flat_release_that_was_judged(
    master_url: str, copied: Material, finished: Finished, tmp_path: Path
) -> None:
    with httpx.Client() as client:
        found = download_release(master_url, tmp_path, client)

    assert (found.manifest, found.deviations) == (finished.manifest, ())
    for path in copied.directory.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_other_content_under_a_released_name_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, key: str, tmp_path: Path
) -> None:
    data = bytearray((copied.directory / SEGMENT).read_bytes())
    data[-1] ^= 0xFF
    put(bucket, key, bytes(data))

    assert f"{SEGMENT} is delivered with different content from what was released" in deviations(
        master_url, tmp_path
    )


def test_a_file_of_another_size_is_noticed(master_url: str, bucket: Bucket, key: str) -> None:
    put(bucket, key, b"short")

    sentences = told(judge_published(master_url))

    assert f"{SEGMENT} is not delivered with its" in sentences
    assert "A segment is damaged" in sentences


def test_a_missing_file_is_noticed_by_its_answer_and_by_the_gate(
    master_url: str, bucket: Bucket, key: str
) -> None:
    bucket.delete([key])

    sentences = told(judge_published(master_url))

    assert f"{SEGMENT} answers HTTP 404" in sentences
    assert f"A segment is missing: {SEGMENT}" in sentences


def test_a_wrong_cache_header_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, key: str, tmp_path: Path
) -> None:
    put(bucket, key, (copied.directory / SEGMENT).read_bytes(), "no-store")

    assert f"{SEGMENT} is delivered with Cache-Control no-store" in deviations(master_url, tmp_path)


def test_a_wrong_content_type_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, finished: Finished, tmp_path: Path
) -> None:
    key = finished.manifest.key_of("stream_360p.m3u8")
    bucket.put_bytes(key, (copied.directory / "stream_360p.m3u8").read_bytes(), "text/plain", MEDIA_CACHE)

    assert "stream_360p.m3u8 is delivered as text/plain" in deviations(master_url, tmp_path)


def test_a_stable_mpd_of_another_release_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, tmp_path: Path
) -> None:
    text = (copied.directory / MPD).read_text()
    bucket.put_bytes(title_prefix(TITLE) + MPD, text.encode(), content_type_of(MPD), "public, max-age=60")

    assert f"the stable {MPD} is not that of release {RELEASE}" in deviations(master_url, tmp_path)


@pytest.mark.parametrize("name", [MASTER, MPD])
def test_a_manifest_of_the_release_that_names_files_elsewhere_is_noticed(
    master_url: str, bucket: Bucket, finished: Finished, tmp_path: Path, name: str
) -> None:
    elsewhere = (
        (finished.manifests / name).read_text().replace("../../tracks/360p-", "../../../8/tracks/360p-")
    )
    put(bucket, finished.manifest.key_of(name), elsewhere.encode())

    assert f"{name} names files elsewhere than where the release has them" in deviations(master_url, tmp_path)


def test_a_manifest_of_the_release_that_names_a_track_of_another_is_noticed(
    master_url: str, bucket: Bucket, finished: Finished, tmp_path: Path
) -> None:
    other = (finished.manifests / MASTER).read_text().replace(f"360p-{RELEASE}", f"360p-{LATER}")
    put(bucket, finished.manifest.key_of(MASTER), other.encode())

    told = deviations(master_url, tmp_path)

    assert f"{MASTER} names files elsewhere than where the release has them" in told
    assert f"the stable {MASTER} is not that of release {RELEASE}" in told


def test_a_title_that_is_not_published_is_told_so(bucket: Bucket) -> None:
    verdict = judge_published(bucket.public_url_of(title_prefix(TITLE) + MASTER))

    assert verdict.release is None
    assert f"{MASTER} answers HTTP 404" in told(verdict)


def test_a_release_without_its_list_is_told_so(master_url: str, bucket: Bucket, finished: Finished) -> None:
    bucket.delete([finished.manifest.key_of(MANIFEST)])

    assert f"release {RELEASE} has no {MANIFEST}" in told(judge_published(master_url))


@pytest.mark.parametrize("changed", [{"release": "../.."}, {"content_id": "../8"}, {"tracks": {"360p": "x"}}])
def test_a_list_that_leads_out_of_its_title_is_told_as_one_that_cannot_be_read(
    master_url: str, bucket: Bucket, finished: Finished, changed: dict[str, Any]
) -> None:
    put(bucket, finished.manifest.key_of(MANIFEST), changed_list(finished, changed))

    assert f"release {RELEASE} has no {MANIFEST} that can be read" in told(judge_published(master_url))


def test_a_list_without_the_plan_cannot_be_judged(
    master_url: str, bucket: Bucket, finished: Finished
) -> None:
    put(bucket, finished.manifest.key_of(MANIFEST), changed_list(finished, {"checks": {}}))

    assert "does not hold the plan and the source" in told(judge_published(master_url))


def changed_list(finished: Finished, changed: dict[str, Any]) -> bytes:
    return finished.manifest.model_copy(update=changed).model_dump_json().encode()


def test_a_host_that_does_not_answer_is_a_matter_of_trying_again(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        judge_published("http://127.0.0.1:9/hls/movies/7/master.m3u8")
