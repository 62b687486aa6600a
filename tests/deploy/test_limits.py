"""What a service may take of its machine: addresses, logs, memory and processors."""

import re

import pytest

from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from tests.deploy import compose

_ALL = sorted(compose.services())
_MIB = 1 << 20
_UNITS = {"m": _MIB, "g": 1 << 30}

# README's table is where these are measured; what is not there was not measured.
_MEASURED = {
    name: int(most) * _MIB
    for name, most in re.findall(
        r"^\| `([a-z-]+)` \| (?:\d+ to )?(\d+) \|", (PROJECT_ROOT / "README.md").read_text(), re.MULTILINE
    )
}
_OPENED = compose.filled_in(BIND_ADDRESS="0.0.0.0", PROXY_ADDRESS="0.0.0.0")
_WITH_PROGRAMS = {"airflow-worker", "web"}


def _default(name: str) -> int:
    return int(Settings.model_fields[name].default)


def _memory(name: str) -> int:
    text = compose.interpolate(compose.services()[name]["mem_limit"], compose.filled_in())
    return int(text[:-1]) * _UNITS[text[-1]]


def _published() -> list[tuple[str, str]]:
    return [(name, port) for name in _ALL for port in compose.services()[name].get("ports", [])]


@pytest.mark.parametrize(("name", "port"), _published())
def test_a_port_is_reached_from_this_machine_alone_unless_said_otherwise(name: str, port: str) -> None:
    assert compose.interpolate(port, compose.filled_in()).startswith("127.0.0.1:"), name
    assert compose.interpolate(port, _OPENED).startswith("0.0.0.0:"), name


@pytest.mark.parametrize("name", _ALL)
def test_the_logs_of_a_service_are_limited(name: str) -> None:
    logging = compose.services()[name]["logging"]
    assert logging["driver"] == "json-file"
    assert {"max-size", "max-file"} <= logging["options"].keys()


@pytest.mark.parametrize("name", _ALL)
@pytest.mark.parametrize(("limit", "ending"), [("mem_limit", "MEMORY"), ("cpus", "CPUS")])
def test_a_limit_of_a_service_is_one_that_the_env_file_may_change(name: str, limit: str, ending: str) -> None:
    found = re.fullmatch(rf"\$\{{(\w+_{ending}):-\w+\}}", compose.services()[name][limit])
    assert found is not None
    assert compose.interpolate(found[0], {found[1]: "3"}) == "3"
    shown = {variable.name: variable.value for variable in compose.example()}
    assert compose.interpolate(found[0], {}) == shown[found[1]]


@pytest.mark.parametrize("name", _ALL)
def test_no_service_asks_for_more_processors_than_the_smallest_machine_has(name: str) -> None:
    # Docker refuses to start it.
    assert float(compose.interpolate(compose.services()[name]["cpus"], {})) <= 1


def test_every_service_that_stays_was_measured() -> None:
    assert set(_MEASURED) == set(_ALL) - set(compose.ONE_SHOT)


@pytest.mark.parametrize("name", sorted(set(_MEASURED) - _WITH_PROGRAMS))
def test_a_service_may_take_several_times_what_was_measured(name: str) -> None:
    assert _memory(name) >= 3 * _MEASURED[name]


def test_a_worker_has_room_for_all_encodes_that_may_be_on_it_at_once() -> None:
    encodes = _default("encode_slots") + _default("manual_concurrency")
    needed = encodes * _default("child_memory_bytes") + 3 * _MEASURED["airflow-worker"]
    assert _memory("airflow-worker") >= needed


def test_the_web_app_has_room_for_all_streams_on_the_fly() -> None:
    needed = _default("stream_limit") * _default("child_memory_bytes") + 3 * _MEASURED["web"]
    assert _memory("web") >= needed
