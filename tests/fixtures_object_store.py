"""A real S3 server for the session, and a fresh bucket with its settings for each test."""

from collections.abc import Iterator
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.object_store_server import ObjectStoreAddress, running_object_store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStoreAddress]:
    with running_object_store(tmp_path_factory.mktemp("object_store")) as address:
        yield address


@pytest.fixture
def bucket_settings(object_store: ObjectStoreAddress) -> Settings:
    """Settings of a bucket of this test's own, whose name makes it public."""
    name = f"media-{token_hex(6)}"
    return load_settings(
        r2_endpoint_url=object_store.endpoint_url,
        r2_access_key_id=object_store.access_key,
        r2_secret_access_key=object_store.secret_key,
        r2_bucket_name=name,
        r2_public_url=f"{object_store.endpoint_url}/{name}",
    )


@pytest.fixture
def s3_client(bucket_settings: Settings) -> "S3Client":
    return client_from_settings(bucket_settings)


@pytest.fixture
def bucket(bucket_settings: Settings, s3_client: "S3Client") -> Bucket:
    created = Bucket(s3_client, bucket_settings.r2_bucket_name, bucket_settings.r2_public_url)
    created.ensure_exists()
    return created


def unasked() -> None:
    """The question before a write of a test in which nobody else writes."""
