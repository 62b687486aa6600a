"""The gate over HTTP, on what a real bucket serves."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.files import describe_files
from nightreel.releases.publish import publish_manifests
from nightreel.releases.published import PublishedVerdict, download_release, judge_published
from nightreel.releases.upload import upload_release
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import (
    MANIFEST,
    MASTER,
    MEDIA_CACHE,
    MPD,
    ReleaseManifest,
    content_type_of,
    release_prefix,
    title_prefix,
)
from nightreel.vocabulary.title import Title
from tests.checks.material import Material
from tests.fixtures_object_store import unasked

TITLE = Title("movie", "7")
RELEASE = "20261121T010000-0a1b2c3d"
SEGMENT = "stream_360p_001.m4s"


@pytest.fixture(scope="module")
def checks(undamaged: Material) -> dict[str, Any]:
    return undamaged.judged().summary()


@pytest.fixture
def master_url(bucket: Bucket, copied: Material, checks: dict[str, Any]) -> str:
    """The stable URL of a published title."""
    manifest = ReleaseManifest(
        release=RELEASE,
        content_type=TITLE.content_type,
        content_id=TITLE.content_id,
        files=tuple(describe_files(copied.directory)),
        plan=copied.plan.model_dump(mode="json"),
        tools={},
        checks=checks,
    )
    (copied.directory / MANIFEST).write_text(manifest.model_dump_json())
    upload_release(bucket, copied.directory, manifest, release_prefix(TITLE, RELEASE), threads=4)
    return publish_manifests(bucket, TITLE, RELEASE, copied.directory, unasked)[0]


def put(bucket: Bucket, name: str, content: bytes, cache_control: str = MEDIA_CACHE) -> None:
    """Puts a file of the release into the bucket, over the one that is there."""
    bucket.put_bytes(release_prefix(TITLE, RELEASE) + name, content, content_type_of(name), cache_control)


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


def test_other_content_under_a_released_name_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, tmp_path: Path
) -> None:
    data = bytearray((copied.directory / SEGMENT).read_bytes())
    data[-1] ^= 0xFF
    put(bucket, SEGMENT, bytes(data))

    assert f"{SEGMENT} is delivered with different content from what was released" in deviations(
        master_url, tmp_path
    )


def test_a_file_of_another_size_is_noticed(master_url: str, bucket: Bucket) -> None:
    put(bucket, SEGMENT, b"short")

    sentences = told(judge_published(master_url))

    assert f"{SEGMENT} is not delivered with its" in sentences
    assert "A segment is damaged" in sentences


def test_a_missing_file_is_noticed_by_its_answer_and_by_the_gate(
    master_url: str, bucket: Bucket, copied: Material
) -> None:
    bucket.delete([release_prefix(TITLE, RELEASE) + SEGMENT])

    sentences = told(judge_published(master_url))

    assert f"{SEGMENT} answers HTTP 404" in sentences
    assert f"A segment is missing: {SEGMENT}" in sentences


def test_a_wrong_cache_header_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, tmp_path: Path
) -> None:
    put(bucket, SEGMENT, (copied.directory / SEGMENT).read_bytes(), "no-store")

    assert f"{SEGMENT} is delivered with Cache-Control no-store" in deviations(master_url, tmp_path)


def test_a_wrong_content_type_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, tmp_path: Path
) -> None:
    key = release_prefix(TITLE, RELEASE) + "stream_360p.m3u8"
    bucket.put_bytes(key, (copied.directory / "stream_360p.m3u8").read_bytes(), "text/plain", MEDIA_CACHE)

    assert "stream_360p.m3u8 is delivered as text/plain" in deviations(master_url, tmp_path)


def test_a_stable_mpd_of_another_release_is_noticed(
    master_url: str, bucket: Bucket, copied: Material, tmp_path: Path
) -> None:
    text = (copied.directory / MPD).read_text()
    bucket.put_bytes(title_prefix(TITLE) + MPD, text.encode(), content_type_of(MPD), "public, max-age=60")

    assert f"the stable {MPD} is not that of release {RELEASE}" in deviations(master_url, tmp_path)


def test_a_title_that_is_not_published_is_told_so(bucket: Bucket) -> None:
    verdict = judge_published(bucket.public_url_of(title_prefix(TITLE) + MASTER))

    assert verdict.release is None
    assert f"{MASTER} answers HTTP 404" in told(verdict)


def test_a_release_without_its_list_is_told_so(master_url: str, bucket: Bucket) -> None:
    bucket.delete([release_prefix(TITLE, RELEASE) + MANIFEST])

    assert f"release {RELEASE} has no {MANIFEST}" in told(judge_published(master_url))


def test_a_list_without_the_plan_cannot_be_judged(master_url: str, bucket: Bucket, copied: Material) -> None:
    manifest = ReleaseManifest.model_validate_json((copied.directory / MANIFEST).read_text())
    put(bucket, MANIFEST, manifest.model_copy(update={"checks": {}}).model_dump_json().encode())

    assert "does not hold the plan and the source" in told(judge_published(master_url))


def test_a_host_that_does_not_answer_is_a_matter_of_trying_again(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        judge_published("http://127.0.0.1:9/hls/movies/7/master.m3u8")
