"""What of an upload in chunks is not taken, and the reason that is given."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.web.conftest import ClientWith
from tests.web.uploads.chunks import CHUNK, FILM, begin, finalize, send, upload
from tests.web.uploads.conftest import Left
from tests.web.uploads.files import MIB, video_of

MOST_BYTES = 40 * MIB


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {"max_source_bytes": MOST_BYTES}


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ({}, 422, "total_chunks"),
        ({"total_chunks": 0}, 422, "total_chunks"),
        ({"total_chunks": 10_001}, 422, "total_chunks"),
        ({"size": 0}, 422, "size"),
        ({"size": MOST_BYTES + 1}, 413, "at most"),
        ({"size": 10**30}, 422, "size"),
        ({"total_chunks": 1, "title": ""}, 422, "title"),
        ({"total_chunks": 1, "video_hash": "no hash"}, 422, "video_hash"),
        ({"total_chunks": 1, "content_type": "song"}, 422, "movie, episode"),
        ({"total_chunks": 1, "content_id": "../1"}, 422, "content id"),
        ({"total_chunks": 1, "content_id": "1\x00"}, 422, "content id"),
    ],
)
def test_an_upload_that_cannot_be_is_refused_with_the_reason(
    client: TestClient, left: Left, said: dict[str, Any], status: int, reason: str
) -> None:
    begun = left.begun()
    answer = client.post("/videos/init", json={"title": "The Film", **said})
    assert answer.status_code == status
    assert reason in answer.json()["detail"]
    assert left.begun() == begun


@pytest.mark.parametrize(
    ("index", "chunk", "status", "reason"),
    [
        ("2", FILM[:CHUNK], 400, "0 to 1"),
        ("-1", FILM[:CHUNK], 400, "0 to 1"),
        ("9" * 30, FILM[:CHUNK], 400, "0 to 1"),
        ("one", FILM[:CHUNK], 422, "chunk_index"),
        ("0", b"", 400, "is empty"),
        ("0", FILM[: MIB * 2], 422, "fewer chunks"),
        ("0", b"<html></html>" + b" " * CHUNK, 415, "web page"),
        ("0", bytes(64 * MIB + 1), 413, "at most"),
    ],
)
def test_a_chunk_that_cannot_be_is_refused_with_the_reason(
    client: TestClient, index: str, chunk: bytes, status: int, reason: str
) -> None:
    video_hash = begin(client, total_chunks=2)["video_hash"]
    assert send(client, video_hash, 1, FILM[:CHUNK]).status_code == 200
    answer = client.post(f"/videos/upload_chunk/{video_hash}/{index}", files={"chunk_data": ("blob", chunk)})
    assert answer.status_code == status
    assert reason in answer.json()["detail"]
    assert client.get(f"/videos/upload/{video_hash}").json()["uploaded_chunks"] == [1]


def test_chunks_of_several_sizes_are_refused_but_for_a_shorter_last_one(client: TestClient) -> None:
    video_hash = begin(client, total_chunks=3)["video_hash"]
    assert send(client, video_hash, 0, video_of(CHUNK)).status_code == 200
    assert "one size" in send(client, video_hash, 1, video_of(CHUNK + 1)).json()["detail"]
    assert "no longer" in send(client, video_hash, 2, video_of(CHUNK + 1)).json()["detail"]
    assert send(client, video_hash, 2, b"end").status_code == 200
    assert send(client, video_hash, 1, video_of(CHUNK)).status_code == 200


def test_a_file_whose_size_was_said_is_cut_so_and_not_otherwise(client: TestClient) -> None:
    video_hash = begin(client, size=8 * MIB + 5)["video_hash"]
    assert send(client, video_hash, 0, video_of(CHUNK)).status_code == 422
    assert send(client, video_hash, 1, b"end").status_code == 422
    assert send(client, video_hash, 0, video_of(8 * MIB + 1)).status_code == 413
    assert send(client, video_hash, 1, b"12345").status_code == 200


def test_chunks_are_taken_until_the_file_would_be_too_large(client: TestClient) -> None:
    video_hash = begin(client, total_chunks=9)["video_hash"]
    for index in range(1, 5):
        assert send(client, video_hash, index, bytes(10 * MIB)).status_code == 200
    assert send(client, video_hash, 5, bytes(10 * MIB)).status_code == 413


def test_after_the_end_no_chunk_is_taken(client: TestClient) -> None:
    video_hash = upload(client).json()["video_hash"]
    answer = send(client, video_hash, 0, FILM[:CHUNK])
    assert (answer.status_code, answer.json()["title"]) == (400, "Already finalized")


@pytest.mark.parametrize("video_hash", ["0" * 64, "short", "%00", "\N{SNOWMAN}", "x" * 5000])
def test_an_upload_that_nobody_announced_is_not_found(client: TestClient, video_hash: str) -> None:
    assert send(client, video_hash, 0, FILM[:CHUNK]).status_code == 404
    assert finalize(client, video_hash).status_code == 404
    assert client.get(f"/videos/upload/{video_hash}").status_code == 404


def test_uploading_in_chunks_needs_leave(client_with: ClientWith, stranger: TestClient) -> None:
    for caller, status in ((client_with("read", "convert"), 403), (stranger, 401)):
        answers = [
            caller.post("/videos/init", json={"title": "The Film", "total_chunks": 1}),
            send(caller, "0" * 64, 0, b"."),
            finalize(caller, "0" * 64),
            caller.get(f"/videos/upload/{'0' * 64}"),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
