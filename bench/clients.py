"""Clients that follow jobs, as many browsers do, and count what goes wrong."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle, islice
from typing import Any

import aiohttp

_INTERVAL_SECONDS = 2.0
_TIMEOUT_SECONDS = 30.0


@dataclass
class Answers:
    """What the clients got. `seconds`: how long each response took; `errors` by kind.

    `cpu_seconds` is what the clients themselves took from the measured machine.
    """

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    cpu_seconds: float = 0.0


@contextmanager
def asking(url: str, key: str, job_ids: Sequence[str], clients: int) -> Iterator[Answers]:
    """For the length of a block, each client asks every two seconds; the jobs are shared among them.

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
        # No client waits for another's connection.
        async with aiohttp.ClientSession(
            url,
            headers={"ApiKey": key},
            connector=aiohttp.TCPConnector(limit=clients),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
        ) as http:
            shared = islice(cycle(job_ids), clients)
            await asyncio.gather(*(_client(http, run_id, answers, stop) for run_id in shared))

    asyncio.run(ask())
    answers.cpu_seconds = time.thread_time()


async def _client(http: aiohttp.ClientSession, run_id: str, answers: Answers, stop: threading.Event) -> None:
    progress = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            async with http.get(f"/api/v1/video/processing-status/{run_id}") as answer:
                said = await answer.json() if answer.ok else {}
            answers.seconds.append(time.monotonic() - began)
            fault, progress = _judge(answer.status, said, progress)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            fault = type(error).__name__
        if fault:
            answers.errors[fault] += 1
        await asyncio.sleep(_INTERVAL_SECONDS)


def _judge(status: int, said: dict[str, Any], before: int) -> tuple[str, int]:
    """What is wrong with an answer, if anything, and the percentage that it shows."""
    if status != HTTPStatus.OK:
        return f"status {status}", before
    if said["status"] == "failed":
        return "the job failed", before
    if said["progress"] < before:
        return "the percentage fell", before
    return "", int(said["progress"])
