"""One small release, made once: 14 seconds, two pictures and a sound."""

from pathlib import Path

import pytest

from tests.checks.material import Material, make_release, make_source
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
