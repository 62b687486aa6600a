"""The work area of a run, on a disk and in a bucket."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from nightreel.workspace.area import WorkArea
from nightreel.workspace.locations import open_area

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TITLE = Title("movie", "7")
RELEASE = "20261121T010000-0a1b2c3d"
OTHER_RELEASE = "20261122T010000-0a1b2c3d"

Open = Callable[..., WorkArea]


@pytest.fixture(params=["directory", "bucket"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "directory":
        return str(tmp_path / "work")
    bucket: Bucket = request.getfixturevalue("bucket")
    return f"s3://{bucket.name}/some/work"


@pytest.fixture
def client(request: pytest.FixtureRequest, location: str) -> "S3Client | None":
    return request.getfixturevalue("s3_client") if location.startswith("s3://") else None


@pytest.fixture
def area_of(location: str, client: "S3Client | None", monkeypatch, tmp_path: Path) -> Open:
    """Opens the area of a run as a task would; each call is another task, on another machine."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def area(title: Title = TITLE, release: str = RELEASE) -> WorkArea:
        return open_area(location, title, release, client)

    return area
