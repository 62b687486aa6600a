"""Late writers, before the real service: each sends what it decided on before another was done."""

import datetime

import botocore.auth
import pytest
from botocore.stub import Stubber

from nightreel.errors import ConfigurationError, ObjectChanged
from nightreel.storage.bucket import Bucket
from nightreel.storage.fenced import FencedObject
from nightreel.storage.late_writes import SIGNATURE_LIFE
from tests.fixtures_object_store import unasked

KEY = "hls/movies/7/master.m3u8"


class LockLost(Exception):
    """What holds the right to write says that it is gone."""


def lost() -> None:
    raise LockLost


def put(bucket: Bucket, content: bytes) -> None:
    bucket.put_bytes(KEY, content, "text/plain", "no-store")


def replace(found: FencedObject, content: bytes) -> None:
    found.replace(content, "text/plain", "no-store")


@pytest.mark.parametrize("before", [None, b"older"])
def test_what_is_still_as_it_was_read_is_replaced(bucket: Bucket, before: bytes | None) -> None:
    if before is not None:
        put(bucket, before)
    replace(bucket.fenced(KEY, unasked), b"newer")
    assert bucket.get_bytes(KEY) == b"newer"


@pytest.mark.parametrize("before", [None, b"older"])
def test_who_comes_late_replaces_nothing(bucket: Bucket, before: bytes | None) -> None:
    if before is not None:
        put(bucket, before)
    late = bucket.fenced(KEY, unasked)
    put(bucket, b"another's")
    with pytest.raises(ObjectChanged):
        replace(late, b"mine")
    assert bucket.get_bytes(KEY) == b"another's"


def test_who_comes_late_deletes_nothing(bucket: Bucket) -> None:
    before = bucket.fenced(KEY, unasked)
    put(bucket, b"older")
    late = bucket.fenced(KEY, unasked)
    put(bucket, b"another's")
    before.delete()
    with pytest.raises(ObjectChanged):
        late.delete()
    assert bucket.get_bytes(KEY) == b"another's"


def test_what_was_deleted_since_is_not_put_back(bucket: Bucket) -> None:
    put(bucket, b"older")
    late = bucket.fenced(KEY, unasked)
    bucket.delete([KEY])
    with pytest.raises(ObjectChanged):
        replace(late, b"mine")
    late.delete()
    assert bucket.get_bytes(KEY) is None


@pytest.mark.parametrize("before", [None, b"older"])
def test_nothing_is_sent_once_the_right_to_write_is_gone(bucket: Bucket, before: bytes | None) -> None:
    if before is not None:
        put(bucket, before)
    found = bucket.fenced(KEY, lost)
    with pytest.raises(LockLost):
        replace(found, b"mine")
    if before is not None:
        with pytest.raises(LockLost):
            found.delete()
    assert bucket.get_bytes(KEY) == before


def test_what_is_there_already_is_not_written_again(bucket: Bucket) -> None:
    put(bucket, b"mine")
    replace(bucket.fenced(KEY, lost), b"mine")


def test_an_answer_that_was_lost_on_its_way_is_no_writer_before_us(bucket: Bucket) -> None:
    put(bucket, b"older")
    found = bucket.fenced(KEY, unasked)
    put(bucket, b"mine")
    replace(found, b"mine")
    assert bucket.get_bytes(KEY) == b"mine"


def test_a_request_that_was_signed_long_ago_is_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a process that is stopped between the question and the request changes nothing later."""
    found = bucket.fenced(KEY, unasked)
    now = botocore.auth.get_current_datetime
    late = SIGNATURE_LIFE + datetime.timedelta(seconds=10)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *some: now(*some) - late)
    with pytest.raises(Exception, match="RequestTimeTooSkewed"):
        replace(found, b"mine")
    monkeypatch.undo()
    assert bucket.get_bytes(KEY) is None


def test_only_what_is_fenced_is_asked_for(bucket: Bucket) -> None:
    bucket.fenced(KEY, lost)
    put(bucket, b"anything")
    bucket.delete([KEY])
    assert bucket.get_bytes(KEY) is None


def test_where_deleting_knows_no_condition_the_question_alone_decides(bucket: Bucket) -> None:
    put(bucket, b"older")
    found = bucket.fenced(KEY, unasked)
    with Stubber(bucket._client) as service:
        service.add_client_error("delete_object", "NotImplemented", http_status_code=501)
        service.add_response("delete_object", {}, {"Bucket": bucket.name, "Key": KEY})
        found.delete()
        service.assert_no_pending_responses()


def test_a_refused_key_pair_is_told_as_everywhere(bucket: Bucket) -> None:
    found = bucket.fenced(KEY, unasked)
    with Stubber(bucket._client) as service:
        service.add_client_error("put_object", "AccessDenied", http_status_code=403)
        with pytest.raises(ConfigurationError, match="R2_SECRET_ACCESS_KEY"):
            replace(found, b"mine")
