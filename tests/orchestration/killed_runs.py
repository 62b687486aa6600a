"""Runs whose process is killed: nobody cleans up after them."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from airflow import settings as airflow_settings
from airflow.sdk.execution_time.supervisor import in_process_api_server

from nightreel.vocabulary.title import Title
from tests.orchestration.runs import convert

_LIMIT_SECONDS = 120.0


def killed_after(owner: Any, name: str, title: Title) -> None:
    """Converts a title in another process, which is killed as soon as this function of `owner` is done."""
    process = multiprocessing.get_context("fork").Process(
        target=_convert, args=(owner, name, title), daemon=True
    )
    process.start()
    process.join(_LIMIT_SECONDS)
    assert process.exitcode == -signal.SIGKILL, f"the run passed {name}, or hangs before it"


def _convert(owner: Any, name: str, title: Title) -> None:
    # The other process goes on using its connections, and the thread of Airflow's server is in it alone.
    airflow_settings.engine.dispose(close=False)
    in_process_api_server.cache_clear()
    done: Callable[..., Any] = getattr(owner, name)

    @wraps(done)
    def done_and_killed(*arguments: Any, **options: Any) -> None:
        done(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    pytest.MonkeyPatch().setattr(owner, name, done_and_killed)
    convert(title)
    # Nothing of the tests' own process may run on in this one.
    os._exit(0)
