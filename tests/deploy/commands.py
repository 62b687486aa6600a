"""The programs that the containers of Airflow's image run: their commands and their health checks.

The image's entry point passes `bash` and `python` on, and puts `airflow` before all else.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from tests.deploy import compose

Command = tuple[str, ...]

_ENDS_A_COMMAND = frozenset({"&&", "||", ";", "|"})


def commands() -> dict[Command, str]:
    """Every command, with the first service that runs it."""
    found: dict[Command, str] = {}
    for name, service in compose.airflow_services().items():
        for command in (*_of_the_container(service), *_of_the_health_check(service)):
            found.setdefault(command, name)
    return found


def _of_the_container(service: dict[str, Any]) -> Iterator[Command]:
    given = service["command"]
    words = shlex.split(given) if isinstance(given, str) else list(given)
    if words[0] == "bash":
        yield from _of_the_script(words[-1])
    elif words[0] == "python":
        yield tuple(words)
    else:
        yield ("airflow", *words)


def _of_the_health_check(service: dict[str, Any]) -> Iterator[Command]:
    kind, *words = service.get("healthcheck", {"test": ["NONE"]})["test"]
    if kind == "CMD":
        yield tuple(words)
    elif kind == "CMD-SHELL":
        yield from _of_the_script(words[0])


def _of_the_script(script: str) -> Iterator[Command]:
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        command: list[str] = []
        for word in (*lexer, ";"):
            if word not in _ENDS_A_COMMAND:
                command.append(word)
            elif command:
                yield _without_what_stands_before(command)
                command = []


def _without_what_stands_before(words: list[str]) -> Command:
    """The program and its arguments, without variables, `exec` and `timeout`."""
    for position, word in enumerate(words):
        if "=" in word or word in ("exec", "timeout") or words[position - 1 : position] == ["timeout"]:
            continue
        return tuple(words[position:])
    raise AssertionError(f"no program is in {words}")
