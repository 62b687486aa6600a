"""Uploads to the app as a process of its own: what it holds in memory, and clients that leave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest

from tests.web.uploads.conftest import Left
from tests.web.uploads.files import MIB, video_of
from tests.web.uploads.served import Served

FILE_BYTES = 200_000_000
MOST_RISE_BYTES = 50_000_000
CHUNK = 8 * MIB
PATH = "/api/v1/video/upload-hls-video"
BOUNDARY = "a-boundary"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="film.mp4"\r\n\r\n'.encode()
TAIL = (
    "".join(
        f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
        for name, value in (("content_type", "movie"), ("content_id", "1"))
    ).encode()
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)


def film(size: int) -> Iterator[bytes]:
    """A file of so many bytes, in pieces, that is nowhere whole."""
    piece = video_of(MIB)
    for start in range(0, size, MIB):
        yield piece[: size - start]


def upload_whole(served: Served, size: int) -> None:
    def form() -> Iterator[bytes]:
        yield HEAD
        yield from film(size)
        yield TAIL

    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(HEAD) + size + len(TAIL)),
    }
    answer = served.client.post(PATH, content=form(), headers=headers)
    assert answer.status_code == 202, answer.text


def upload_in_chunks(served: Served, size: int) -> None:
    answer = served.client.post("/videos/init", json={"title": "The Film", "size": size})
    state = answer.json()
    assert state["chunk_bytes"] == CHUNK
    data = video_of(CHUNK)

    def send(index: int) -> None:
        chunk = data[: size - index * CHUNK]
        path = f"/videos/upload_chunk/{state['video_hash']}/{index}"
        answer = served.client.post(path, files={"chunk_data": ("blob", chunk)})
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(send, range(state["total_chunks"])))
    assert served.client.post(f"/videos/finalize/{state['video_hash']}").status_code == 202


@contextmanager
def peak_rise(process: psutil.Process) -> Iterator[Callable[[], int]]:
    """By how many bytes the process's memory rose at most within the block."""
    before, peak, done = process.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: peak - before
    finally:
        done.set()
        watcher.join()


@pytest.mark.parametrize("upload", [upload_whole, upload_in_chunks])
def test_a_large_upload_takes_little_memory(served: Served, upload: Callable[[Served, int], None]) -> None:
    # What is loaded at the first request is not held for a file.
    upload(served, CHUNK)
    with peak_rise(served.process) as rise:
        upload(served, FILE_BYTES)
        assert rise() < MOST_RISE_BYTES


def test_of_a_client_that_leaves_nothing_is_left(served: Served, left: Left) -> None:
    before = left.everything()
    request = (
        f"POST {PATH} HTTP/1.1\r\nHost: app\r\nApiKey: {served.client.headers['ApiKey']}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {FILE_BYTES}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(request.encode() + HEAD + video_of(2 * CHUNK + MIB))
        wait_until(lambda: len(left.begun()) > len(before[1]))
    wait_until(lambda: left.everything() == before)


def wait_until(true: Callable[[], bool], most_seconds: float = 30.0) -> None:
    deadline = time.monotonic() + most_seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
