"""Whatever is killed while titles are converted: each ends published, and nothing published breaks."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from nightreel.cli.reachable import silences
from nightreel.releases.published import judge_published
from nightreel.runs.airflow_api import AirflowClient
from tests.stack.demo_stack import DemoStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

TITLE = "Shapes and tones"
LADDER = ("360p", "480p")


def test_a_killed_ffmpeg_is_run_again(demo: DemoStack) -> None:
    with demo.stack.client() as airflow, always_playing(demo):
        run = demo.convert(airflow, demo.title(TITLE), *LADDER)
        kill(eventually(lambda: encoder(demo), 120, "an encoder"))
        assert_ends_published(demo, airflow, run)
        tries = {each.try_number for each in airflow.task_instances("convert_title", run)}
        assert max(tries) > 1


def test_a_killed_task_is_run_again(demo: DemoStack) -> None:
    with demo.stack.client() as airflow, always_playing(demo):
        run = demo.convert(airflow, demo.title(TITLE), *LADDER)
        task = eventually(lambda: encoder(demo), 120, "an encoder").ppid()
        os.kill(task, signal.SIGKILL)
        assert_ends_published(demo, airflow, run)


def test_a_killed_scheduler_is_started_again_and_finishes_the_titles(demo: DemoStack) -> None:
    with demo.stack.client() as airflow, always_playing(demo):
        run = demo.convert(airflow, demo.title(TITLE), *LADDER)
        eventually(lambda: encoder(demo), 120, "an encoder")
        (scheduler,) = [each for each in demo.stack.status().programs if each.name == "scheduler"]
        assert scheduler.pid
        os.kill(scheduler.pid, signal.SIGKILL)
        assert_ends_published(demo, airflow, run)


def assert_ends_published(demo: DemoStack, airflow: AirflowClient, run: str) -> None:
    before = demo.title(TITLE)["release"]
    finished = airflow.wait_for_run("convert_title", run, timeout=600)
    assert finished.state == "success"
    title = demo.title(TITLE)
    assert title["state"] == "published"
    assert title["release"] != before
    assert [each["quality"] for each in title["variants"]] == list(LADDER)
    verdict = judge_published(title["hls_url"])
    assert verdict.passed, verdict.sentences
    assert demo.work_left() == []


@contextmanager
def always_playing(demo: DemoStack) -> Iterator[None]:
    """Asks for every published title again and again, and fails if any file ever did not answer."""
    published = [title for title in demo.titles() if title["state"] == "published"]
    silent: list[str] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            for title in published:
                silent.extend(silences(title["hls_url"], title["dash_url"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
    assert silent == []


def encoder(demo: DemoStack) -> Any:
    """A process of FFmpeg that encodes a picture, if there is one now."""
    return next(iter(demo.processes("libx264")), None)


def kill(process: Any) -> None:
    process.send_signal(signal.SIGKILL)
