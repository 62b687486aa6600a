"""One small release, made once: 14 seconds, two pictures and a sound."""

from pathlib import Path

import pytest

from nightreel.media.planning.plan import PlanOptions
from tests.checks.material import (
    ONE_RUNG,
    TS,
    TWO_RUNGS,
    Material,
    make_release,
    make_source,
    make_source_of_every_kind,
)
from tests.fixtures_object_store import bucket, bucket_settings, object_store, s3_client

__all__ = ["bucket", "bucket_settings", "object_store", "s3_client"]


@pytest.fixture(scope="session")
def undamaged(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The release as it was made. Not to be written to."""
    folder = tmp_path_factory.mktemp("release")
    return make_release(make_source(folder / "source.mp4", seconds=14), folder)


@pytest.fixture
def copied(undamaged: Material, tmp_path: Path) -> Material:
    """A copy of the release, for one test to damage."""
    return undamaged.copy(tmp_path / "release")


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A release in each codec and in HDR, with two groups of sounds, and subtitles. Not to be written to."""
    folder = tmp_path_factory.mktemp("every_kind")
    source = make_source_of_every_kind(folder / "source.mkv")
    options = PlanOptions(codecs=("h264", "hevc", "av1"), hdr=True)
    return make_release(source, folder, ONE_RUNG, options)


@pytest.fixture(scope="session")
def encrypted(every_kind: Material, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The same, encrypted. Not to be written to."""
    return every_kind.encrypted(tmp_path_factory.mktemp("encrypted") / "release")


@pytest.fixture(scope="session")
def transport_stream(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """MPEG-TS: two pictures with the sound within, another language, subtitles. Not to be written to."""
    folder = tmp_path_factory.mktemp("transport_stream")
    return make_release(make_source_of_every_kind(folder / "source.mkv"), folder, TWO_RUNGS, TS)


@pytest.fixture(scope="session")
def encrypted_stream(transport_stream: Material, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The same, encrypted. Not to be written to."""
    return transport_stream.encrypted(tmp_path_factory.mktemp("encrypted_stream") / "release")
