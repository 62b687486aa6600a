"""Clients that ask how far jobs are, as many browsers do, and count what goes wrong."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import httpx

_INTERVAL_SECONDS = 2.0
_TIMEOUT_SECONDS = 30.0


@dataclass
class Answers:
    """What the clients got. `seconds`: how long each answer took; `errors` by kind.

    `cpu_seconds` is what asking itself took from the machine that was measured.
    """

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    cpu_seconds: float = 0.0


@contextmanager
def asking(url: str, key: str, job_ids: Sequence[str], clients: int) -> Iterator[Answers]:
    """So many clients ask every two seconds each, for the length of a block; the jobs are shared among them.

    The answers are complete once the block has ended.
    """
    answers, stop = Answers(), threading.Event()
    thread = threading.Thread(
        target=_ask_all, args=(url, key, job_ids, clients, answers, stop), name="clients"
    )
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def _ask_all(
    url: str, key: str, job_ids: Sequence[str], clients: int, answers: Answers, stop: threading.Event
) -> None:
    async def ask() -> None:
        limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
        async with httpx.AsyncClient(
            base_url=url, headers={"ApiKey": key}, limits=limits, timeout=_TIMEOUT_SECONDS, trust_env=False
        ) as http:
            shared = islice(cycle(job_ids), clients)
            await asyncio.gather(*(_client(http, job_id, answers, stop) for job_id in shared))

    asyncio.run(ask())
    answers.cpu_seconds = time.thread_time()


async def _client(http: httpx.AsyncClient, job_id: str, answers: Answers, stop: threading.Event) -> None:
    progress = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            answer = await http.get(f"/api/v1/video/processing-status/{job_id}")
            answers.seconds.append(time.monotonic() - began)
            fault, progress = _judge(answer, progress)
        except (httpx.HTTPError, ValueError) as error:
            fault = type(error).__name__
        if fault:
            answers.errors[fault] += 1
        await asyncio.sleep(_INTERVAL_SECONDS)


def _judge(answer: httpx.Response, before: int) -> tuple[str, int]:
    """What is wrong with an answer, if anything, and the percentage that it shows."""
    if answer.status_code != httpx.codes.OK:
        return f"status {answer.status_code}", before
    said: dict[str, Any] = answer.json()
    if said["status"] == "failed":
        return "the job failed", before
    if said["progress"] < before:
        return "the percentage fell", before
    return "", int(said["progress"])
