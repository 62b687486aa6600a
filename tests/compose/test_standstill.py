"""Services that hang, and services that die: each one's health check tells, and each one heals.

What hangs is the program of the service; whatever it has started goes on. They hang at once, but
those that others ask for their own health hang apart from them.
"""

import signal
import time
from collections.abc import Callable, Mapping

import pytest

from tests.compose.conftest import timed
from tests.compose.deployment import Deployment
from tests.compose.processes import signal_program
from tests.deploy import compose

_ASKED_BY_OTHERS = ("postgres", "redis", "local-bucket")
_CHECKED = tuple(name for name, service in compose.services().items() if "healthcheck" in service)
_OTHERS = tuple(name for name in _CHECKED if name not in _ASKED_BY_OTHERS)
_PATIENCE_SECONDS = 600


@pytest.mark.parametrize("services", [_OTHERS, _ASKED_BY_OTHERS], ids=["others", "asked-by-others"])
def test_a_check_fails_while_its_service_hangs_and_passes_once_it_goes_on(
    whole: Deployment, services: tuple[str, ...]
) -> None:
    containers = _containers(whole, services)

    def fails(container: str) -> bool:
        return bool(whole.health(container)["FailingStreak"])

    for container in containers:
        signal_program(container, signal.SIGSTOP)
    try:
        with timed(f"until each check failed of {', '.join(services)}"):
            _wait(containers, fails, "fails")
    finally:
        for container in containers:
            signal_program(container, signal.SIGCONT)
    with timed("until each passed again"):
        _wait(containers, lambda container: not fails(container), "passes")


def test_whatever_dies_is_started_again_and_is_healthy(whole: Deployment) -> None:
    containers = _containers(whole, _CHECKED)
    before = whole.titles()

    def healed(container: str) -> bool:
        return whole.restarts(container) > 0 and whole.health(container)["Status"] == "healthy"

    for container in containers:
        signal_program(container, signal.SIGKILL)
    with timed("from a power cut of everything until each service was healthy"):
        _wait(containers, healed, "is healthy")
    assert whole.titles() == before


def _containers(deployment: Deployment, services: tuple[str, ...]) -> dict[str, str]:
    """The first container of each service, by its id."""
    return {deployment.compose("ps", "--quiet", name).split()[0]: name for name in services}


def _wait(containers: Mapping[str, str], done: Callable[[str], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waiting = dict(containers)
    while waiting:
        assert time.monotonic() < deadline, f"not within {_PATIENCE_SECONDS} s {what}: {waiting.values()}"
        time.sleep(2)
        waiting = {container: name for container, name in waiting.items() if not done(container)}
