"""What an upload leaves: a row, an object, a run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from nightreel.storage.client import client_from_settings
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.conftest import ClientWith
from tests.web.uploads.served import served

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


__all__ = ["served"]


@dataclass(frozen=True)
class Left:
    """What is in the catalog and the bucket after an upload."""

    services: Services
    database: Database
    s3: "S3Client"

    def movie(self, content_id: str) -> dict[str, Any]:
        return self.database.row("SELECT title, video_url FROM movies WHERE id = %s", content_id)

    def source(self, content_id: str) -> bytes | None:
        """The bytes to which the row of the movie leads."""
        url: str = self.movie(content_id)["video_url"]
        assert url.startswith(f"{self.services.bucket.public_url}/sources/uploads/")
        return self.services.bucket.get_bytes(url.removeprefix(f"{self.services.bucket.public_url}/"))

    def objects(self) -> list[str]:
        return [each.key for each in self.services.bucket.list("")]

    def begun(self) -> list[str]:
        """The ids of the multipart uploads that go on."""
        listed = self.s3.list_multipart_uploads(Bucket=self.services.bucket.name)
        return [each["UploadId"] for each in listed.get("Uploads", [])]

    def everything(self) -> tuple[list[str], list[str], list[dict[str, Any]]]:
        rows = self.database.query("SELECT id, title, video_url FROM movies ORDER BY id")
        return self.objects(), self.begun(), rows


@pytest.fixture(scope="module")
def left(services: Services, database: Database) -> Left:
    return Left(services, database, client_from_settings(services.settings))


@pytest.fixture(scope="module")
def client(client_with: ClientWith) -> TestClient:
    """Of one who may upload, and nothing else."""
    return client_with("upload")
