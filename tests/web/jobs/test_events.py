"""Jobs followed live: server-sent events over a real connection."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from nightreel.web.services import Services
from tests.web.jobs.conftest import StagedRun


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[uvicorn.Server]:
    """The app behind a real server, on a thread of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    yield running
    running.should_exit = True
    thread.join()


@pytest.fixture
def client(server: uvicorn.Server, services: Services) -> Iterator[httpx.Client]:
    while not server.started:
        time.sleep(0.01)
    _, key = services.catalog.api_keys.make("a test of events", ("read",))
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, headers={"ApiKey": key}, trust_env=False, timeout=30) as client:
        yield client


@contextmanager
def events(client: httpx.Client, path: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events as they come: name and data."""
    with client.stream("GET", path) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield _read(answer)


def _read(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def test_a_job_is_told_as_it_changes_and_the_stream_ends_with_it(
    client: httpx.Client, queued: StagedRun
) -> None:
    path = f"/api/v1/video/processing-status/{queued.run_id}"
    with events(client, f"{path}/events") as stream:
        name, status = next(stream)
        assert (name, status["status"]) == ("status", "queued")
        queued.begin()
        assert next(stream)[1]["status"] == "processing"
        queued.publish(queued.claim())
        states = [status["status"] for _, status in stream]
    assert states[-1] == "completed"
    assert client.get(path).json()["result"]


def test_a_stream_of_a_job_that_nobody_knows_does_not_begin(client: httpx.Client) -> None:
    answer = client.get("/api/v1/video/processing-status/unknown/events")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_all_that_run_are_told_and_who_leaves_is_forgotten(
    client: httpx.Client, server: uvicorn.Server, queued: StagedRun
) -> None:
    queued.begin()
    claim = queued.claim()
    with events(client, "/api/v1/jobs/events") as stream:
        told = next(jobs for name, jobs in stream if name == "jobs" and jobs)
    (job,) = [job for job in told if job["job_id"] == queued.run_id]
    assert set(job) == {"job_id", "content_type", "content_id", "progress", "message"}
    queued.catalog.verdicts.expire(claim.token)
    while server.server_state.tasks:
        time.sleep(0.01)
