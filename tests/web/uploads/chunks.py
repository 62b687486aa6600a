"""A client that uploads in chunks, a call at a time."""

import hashlib
from typing import Any

import httpx
from fastapi.testclient import TestClient

from tests.web.uploads.files import MIB, video_of

CHUNK = 5 * MIB
FILM = video_of(2 * CHUNK + 777)


def digest(film: bytes) -> str:
    return hashlib.sha256(film).hexdigest()


def cut(film: bytes, chunk_bytes: int = CHUNK) -> list[bytes]:
    return [film[start : start + chunk_bytes] for start in range(0, len(film), chunk_bytes)]


def begin(client: TestClient, **said: Any) -> dict[str, Any]:
    answer = client.post("/videos/init", json={"title": "The Film", **said})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def send(client: TestClient, video_hash: str, index: int, chunk: bytes) -> httpx.Response:
    files = {"chunk_data": ("blob", chunk)}
    return client.post(f"/videos/upload_chunk/{video_hash}/{index}", files=files)


def finalize(client: TestClient, video_hash: str) -> httpx.Response:
    return client.post(f"/videos/finalize/{video_hash}")


def upload(client: TestClient, film: bytes = FILM, **said: Any) -> httpx.Response:
    """All of it, as a client does that cuts as it likes."""
    video_hash = begin(client, total_chunks=len(cut(film)), **said)["video_hash"]
    for index, chunk in enumerate(cut(film)):
        assert send(client, video_hash, index, chunk).status_code == 200
    return finalize(client, video_hash)
