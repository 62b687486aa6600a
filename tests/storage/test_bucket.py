import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from nightreel.errors import ConfigurationError, StorageUnavailable
from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import PART_BYTES, Bucket
from nightreel.storage.client import client_from_settings
from tests.object_store_server import free_ports

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TEXT = ("text/plain", "no-store")


def with_settings(settings: Settings, **changed: str) -> Bucket:
    """A bucket as the command line would open it with some variables set otherwise."""
    changed_settings = load_settings(**{**settings.model_dump(), **changed})
    return Bucket(
        client_from_settings(changed_settings),
        changed_settings.r2_bucket_name,
        changed_settings.r2_public_url,
    )


def test_an_object_is_listed_with_its_size_and_the_md5_of_its_bytes(bucket: Bucket) -> None:
    bucket.put_bytes("a/one.txt", b"hello", *TEXT)
    (found,) = bucket.list("a/")
    assert (found.key, found.size) == ("a/one.txt", 5)
    assert found.etag == hashlib.md5(b"hello").hexdigest()
    assert abs(datetime.now(UTC) - found.modified) < timedelta(minutes=5)
    assert bucket.head("a/one.txt") == found


def test_an_object_that_is_not_there_is_none(bucket: Bucket, tmp_path: Path) -> None:
    assert bucket.head("nothing") is None
    assert bucket.get_bytes("nothing") is None
    assert bucket.download("nothing", tmp_path / "nothing") is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_comes_back_as_it_went_up(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(bytes(range(256)) * 20_000)
    bucket.put_file(tmp_path / "up", "some/file", *TEXT)
    info = bucket.download("some/file", tmp_path / "down")
    assert info is not None
    assert info.size == 256 * 20_000
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["down", "up"]


def test_a_file_of_more_than_a_part_comes_back_as_it_went_up(bucket: Bucket, tmp_path: Path) -> None:
    with (tmp_path / "up").open("wb") as stream:
        for number in range(PART_BYTES // (1 << 20) + 3):
            stream.write(bytes([number]) * (1 << 20))
    bucket.put_file(tmp_path / "up", "large", *TEXT)
    bucket.download("large", tmp_path / "down")
    with (tmp_path / "up").open("rb") as up, (tmp_path / "down").open("rb") as down:
        assert hashlib.file_digest(up, "sha256").digest() == hashlib.file_digest(down, "sha256").digest()
    found = bucket.head("large")
    assert found is not None
    assert found.etag.endswith("-2")


def test_more_objects_than_one_page_are_all_listed_and_all_deleted(bucket: Bucket) -> None:
    keys = [f"many/{number:04d}" for number in range(1003)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: bucket.put_bytes(key, b"", *TEXT), keys))
    assert [item.key for item in bucket.list("many/")] == keys
    assert bucket.delete(item.key for item in bucket.list("many/")) == 1003
    assert list(bucket.list("many/")) == []


def test_deleting_what_is_not_there_is_harmless(bucket: Bucket) -> None:
    bucket.delete(["nothing"])
    assert bucket.head("nothing") is None


def test_folders_are_those_directly_below_a_prefix(bucket: Bucket) -> None:
    for key in ("a/x/1", "a/y/2", "a/y/z/3", "a/4", "b/5"):
        bucket.put_bytes(key, b".", *TEXT)
    assert list(bucket.prefixes("a/")) == ["a/x/", "a/y/"]


def test_anyone_may_read_an_object_at_its_public_url(bucket: Bucket) -> None:
    bucket.put_bytes("a folder/ä.txt", b"hello", "text/vtt", "public, max-age=60")
    answer = httpx.get(bucket.public_url_of("a folder/ä.txt"))
    assert answer.content == b"hello"
    assert answer.headers["Content-Type"] == "text/vtt"
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_only_uploads_abandoned_for_long_enough_are_aborted(bucket: Bucket, s3_client: "S3Client") -> None:
    s3_client.create_multipart_upload(Bucket=bucket.name, Key="hls/abandoned")
    s3_client.create_multipart_upload(Bucket=bucket.name, Key="elsewhere/abandoned")
    assert bucket.abort_uploads(timedelta(hours=1), "hls/") == 0
    assert bucket.abort_uploads(timedelta(minutes=-1), "hls/", ours=lambda key: "other" in key) == 0
    assert bucket.abort_uploads(timedelta(minutes=-1), "hls/") == 1
    left = s3_client.list_multipart_uploads(Bucket=bucket.name)["Uploads"]
    assert [upload["Key"] for upload in left] == ["elsewhere/abandoned"]


def test_creating_a_bucket_twice_is_harmless(bucket: Bucket) -> None:
    bucket.put_bytes("kept", b".", *TEXT)
    bucket.ensure_exists()
    assert bucket.head("kept") is not None


def test_a_wrong_bucket_name_is_an_error_that_names_the_setting(bucket_settings: Settings) -> None:
    wrong = with_settings(bucket_settings, r2_bucket_name="media-nowhere")
    with pytest.raises(ConfigurationError, match="R2_BUCKET_NAME"):
        wrong.put_bytes("key", b"", *TEXT)
    with pytest.raises(ConfigurationError, match="R2_BUCKET_NAME"):
        list(wrong.list(""))
    with pytest.raises(ConfigurationError, match="R2_BUCKET_NAME"):
        with_settings(bucket_settings, r2_bucket_name="")


def test_a_wrong_secret_is_an_error_that_names_the_setting_and_not_the_secret(
    bucket: Bucket, bucket_settings: Settings
) -> None:
    wrong = with_settings(bucket_settings, r2_secret_access_key="not-the-secret")
    with pytest.raises(ConfigurationError, match="R2_SECRET_ACCESS_KEY") as raised:
        wrong.put_bytes("key", b"", *TEXT)
    assert "not-the-secret" not in str(raised.value)


@pytest.mark.parametrize("missing", ["r2_endpoint_url", "r2_access_key_id", "r2_secret_access_key"])
def test_an_unset_variable_is_an_error_that_names_it(bucket_settings: Settings, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing.upper()):
        with_settings(bucket_settings, **{missing: ""})


def test_a_service_that_does_not_answer_is_worth_a_retry(bucket_settings: Settings) -> None:
    silent = with_settings(bucket_settings, r2_endpoint_url=f"http://127.0.0.1:{free_ports().s3}")
    with pytest.raises(StorageUnavailable):
        silent.head("key")
