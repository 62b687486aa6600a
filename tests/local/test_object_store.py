"""The embedded S3 server as a player and a person on the machine see it."""

import stat
from pathlib import Path

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from nightreel.local.object_store import write_identities
from nightreel.storage.bucket import Bucket
from tests.object_store_server import ObjectStoreAddress, running_object_store


def test_a_browser_on_another_origin_may_read_a_range(bucket: Bucket) -> None:
    bucket.put_bytes("segment.m4s", b"0123456789", "video/iso.segment", "no-store")
    url = bucket.public_url_of("segment.m4s")
    origin = {"Origin": "https://player.example"}
    asked = httpx.options(
        url,
        headers=origin | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"},
    )
    assert asked.headers["Access-Control-Allow-Origin"] in ("*", "https://player.example")
    assert "range" in asked.headers["Access-Control-Allow-Headers"]
    answer = httpx.get(url, headers=origin | {"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://player.example")
    assert httpx.head(url, headers=origin).is_success


def test_without_a_key_nothing_can_be_written_or_listed(
    bucket: Bucket, object_store: ObjectStoreAddress
) -> None:
    assert httpx.put(bucket.public_url_of("new"), content=b"x").status_code == 403
    assert httpx.delete(bucket.public_url_of("new")).status_code == 403
    assert httpx.get(f"{object_store.endpoint_url}/{bucket.name}?list-type=2").status_code == 403
    assert list(bucket.list("")) == []


def test_only_the_public_bucket_can_be_read_without_a_key(object_store: ObjectStoreAddress) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=object_store.endpoint_url,
        aws_access_key_id=object_store.access_key,
        aws_secret_access_key=object_store.secret_key,
        region_name="auto",
    )
    client.create_bucket(Bucket="private")
    client.put_object(Bucket="private", Key="key", Body=b"secret")
    assert httpx.get(f"{object_store.endpoint_url}/private/key").status_code == 403
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.put_object(Bucket="not-created", Key="key", Body=b"")


def test_objects_survive_a_kill_and_a_start_on_other_ports(tmp_path: Path) -> None:
    def client(address: ObjectStoreAddress) -> Bucket:
        s3 = boto3.client(
            "s3",
            endpoint_url=address.endpoint_url,
            aws_access_key_id=address.access_key,
            aws_secret_access_key=address.secret_key,
            region_name="auto",
            # The server answers a moment before its volumes are registered.
            config=Config(retries={"mode": "standard", "total_max_attempts": 12}),
        )
        return Bucket(s3, "media", "")

    with running_object_store(tmp_path) as first:
        client(first).ensure_exists()
        client(first).put_bytes("key", b"kept", "text/plain", "no-store")
    with running_object_store(tmp_path) as second:
        assert first.endpoint_url != second.endpoint_url
        assert client(second).get_bytes("key") == b"kept"
        client(second).put_bytes("other", b"new", "text/plain", "no-store")
    with pytest.raises(httpx.ConnectError):
        httpx.get(second.endpoint_url)
    assert not list(Path("/tmp").glob(f"seaweedfs-*-{second.endpoint_url.rpartition(':')[2]}.sock"))


def test_only_the_owner_can_read_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "identities.json"
    path.write_text("of an earlier start")
    path.chmod(0o644)
    write_identities(path, "access", "secret", "media")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert '"Read:media"' in path.read_text()
