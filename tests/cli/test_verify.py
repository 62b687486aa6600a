"""The gate over a release that was really made, uploaded and published."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.releases.publish import publish_manifests
from nightreel.releases.upload import outgoing, upload_files
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import track_prefix
from nightreel.vocabulary.release import MEDIA_CACHE, segment_name
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.catalog.conftest import RESULT
from tests.checks.material import Material, make_release, make_source
from tests.cli.conftest import Run, add, claim
from tests.fixtures_object_store import unasked
from tests.laid_out import lay_out

TITLE = Title("movie", "7")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("release")
    return make_release(make_source(folder / "source.mp4", seconds=7, size="426x240"), folder)


@pytest.fixture
def published(catalog: Catalog, files_bucket: Bucket, material: Material, tmp_path: Path) -> Claim:
    held = claim(catalog, add(catalog, TITLE))
    copy = material.copy(tmp_path / "release")
    facts = ReleaseManifest(
        release=held.release,
        content_type=TITLE.content_type,
        content_id=TITLE.content_id,
        files=(),
        plan=copy.plan.model_dump(mode="json"),
        tools={},
        checks=copy.judged().summary(),
    )
    manifests = tmp_path / "manifests"
    manifest = lay_out(facts, copy.directory, manifests)
    upload_files(files_bucket, outgoing(manifest, copy.directory, manifests), threads=4)
    hls_url, dash_url = publish_manifests(files_bucket, manifest, manifests, unasked)
    with catalog.publications.holding(held, manifest.tracks.values()) as publication:
        publication.complete(replace(RESULT, hls_url=hls_url, dash_url=dash_url))
    return held


@pytest.fixture
def swap(published: Claim, files_bucket: Bucket) -> Callable[[], str]:
    """Puts other bytes in the place of a published segment; its name."""

    def put() -> str:
        name = segment_name("240p", 0)
        key = track_prefix(TITLE, track_id("240p", published.release)) + name
        files_bucket.put_bytes(key, b"not media", "video/iso.segment", MEDIA_CACHE)
        return name

    return put


def test_what_is_published_passes_every_suite(run: Run, published: Claim) -> None:
    result = run("verify", "movie", "7")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "passed  delivery"
    assert lines[-1] == f"movie 7: release {published.release} passed"
    suites = {line.split()[1].rstrip(",") for line in lines[1:-1]}
    assert suites == {
        "source",
        "renditions",
        "segments",
        "subtitles",
        "protection",
        "playlists",
        "stills",
        "release",
    }
    assert all(line.startswith("passed  ") for line in lines[1:-1])


def test_a_damaged_segment_is_named_and_the_release_refused(run: Run, swap: Callable[[], str]) -> None:
    name = swap()
    result = run("verify", "movie", "7")
    assert result.exit_code == 1
    assert result.stdout.startswith("failed  delivery: 1 not met\n")
    assert f"        {name} is not delivered with its" in result.stdout
    assert "failed  segments" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("is refused")


def test_json_tells_every_expectation(run: Run, swap: Callable[[], str]) -> None:
    name = swap()
    result = run("verify", "movie", "7", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["passed"] is False
    assert name in found["deviations"][0]
    (segments,) = [suite for suite in found["suites"] if suite["name"] == "segments"]
    refused = [each for each in segments["expectations"] if not each["passed"]]
    assert any(name in each["observed"] for each in refused)
    assert all(each["sentence"] for each in segments["expectations"])


def test_a_title_that_was_never_published_cannot_be_verified(run: Run, catalog: Catalog) -> None:
    add(catalog, TITLE)
    result = run("verify", "movie", "7")
    assert result.exit_code == 1
    assert result.stderr == "nightreel: movie 7 is pending and has never been published\n"
