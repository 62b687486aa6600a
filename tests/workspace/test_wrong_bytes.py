"""What a work area in a bucket gives back is what was kept, whatever happens to it on the way."""

from collections.abc import Callable, Iterator

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.workspace.area import WorkArea
from nightreel.workspace.locations import open_area
from tests.sources.origins import Origin, in_turn, running_origin, sends
from tests.workspace.conftest import RELEASE, TITLE

FILES = {"one": b"the first", "two": b"the second"}
_UNSAID = "v1"
"""An ETag that is no digest, as of buckets that encrypt by a key service."""


@pytest.fixture
def origin(bucket: Bucket) -> Iterator[Origin]:
    """The bucket's service, which can be made to answer otherwise."""
    with running_origin() as running:
        yield running


@pytest.fixture
def area(bucket: Bucket, bucket_settings: Settings, origin: Origin) -> Iterator[WorkArea]:
    """The area of a task that fetches what another kept, through `origin`."""
    location = f"s3://{bucket.name}/work"
    with open_area(location, TITLE, RELEASE, bucket._client) as kept, kept.writing("tree") as folder:
        folder.mkdir()
        for name, content in FILES.items():
            (folder / name).write_bytes(content)
    for item in bucket.list("work/"):
        content = bucket.get_bytes(item.key) or b""
        origin.answers[f"/{bucket.name}/{item.key}"] = _sent(content)
    settings = load_settings(**{**bucket_settings.model_dump(), "r2_endpoint_url": origin.url})
    with open_area(location, TITLE, RELEASE, client_from_settings(settings)) as fetching:
        yield fetching


def _sent(*contents: bytes) -> Callable[..., None]:
    headers = {"ETag": f'"{_UNSAID}"', "Last-Modified": "Sun, 29 Nov 2026 12:00:00 GMT"}
    return in_turn(*(sends(content, **headers) for content in contents))


def _key(origin: Origin, end: str) -> str:
    (key,) = (key for key in origin.answers if key.endswith(end))
    return key


def test_what_was_kept_is_fetched(area: WorkArea) -> None:
    assert {path.name: path.read_bytes() for path in area.fetch("tree").iterdir()} == FILES


def test_a_file_that_comes_with_other_bytes_is_fetched_again(area: WorkArea, origin: Origin) -> None:
    key = _key(origin, "/two")
    origin.answers[key] = _sent(b"The second", b"The second", FILES["two"])
    assert {path.name: path.read_bytes() for path in area.fetch("tree").iterdir()} == FILES
    assert origin.asked.count(key) == 3


def test_a_file_that_comes_with_other_bytes_each_time_is_worth_a_retry_and_leaves_nothing(
    area: WorkArea, origin: Origin
) -> None:
    origin.answers[_key(origin, "/two")] = _sent(b"The second")
    with pytest.raises(StorageUnavailable, match=r"two .* different bytes"):
        area.fetch("tree")
    assert list(area.scratch("tree").parent.iterdir()) == []


@pytest.mark.parametrize("place", [0, 20, -20, -1])
def test_a_list_of_files_with_a_wrong_byte_is_worth_a_retry(
    area: WorkArea, origin: Origin, bucket: Bucket, place: int
) -> None:
    key = _key(origin, "tree.json")
    record = bytearray(bucket.get_bytes(key.removeprefix(f"/{bucket.name}/")) or b"")
    record[place] ^= 0x01
    origin.answers[key] = _sent(bytes(record))
    with pytest.raises(StorageUnavailable, match=r"tree\.json"):
        area.fetch("tree")
