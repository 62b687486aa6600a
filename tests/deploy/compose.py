"""docker-compose.yaml as Docker Compose reads it: with the variables of an `.env` filled in.

The rules are those of the Compose specification, "Interpolation": `${A}`, `${A:-default}`,
`${A:?message}`, each nested as deep as one likes, and `$$` for a dollar.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from nightreel.places import PROJECT_ROOT

ONE_SHOT = ("airflow-init", "local-bucket-init")

_NAME = re.compile(r"\w+")


class NotSetError(Exception):
    """Compose would not start: a variable that must be set is empty."""


@cache
def compose_file() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT_ROOT / "docker-compose.yaml").read_text()))


def services() -> dict[str, dict[str, Any]]:
    return dict(compose_file()["services"])


def airflow_services() -> dict[str, dict[str, Any]]:
    """Those that run the image of the Dockerfile."""
    return {
        name: service for name, service in services().items() if service["image"].startswith("nightreel:")
    }


def image(service: str) -> str:
    """The name of a service's image where `.env` has no other."""
    return interpolate(services()[service]["image"], {})


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    filled, rest = _Interpolation(variables).read(text, within_braces=False)
    assert not rest
    return filled


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What the containers of a service see; a variable without a value is passed on if it is set."""
    given = services()[service].get("environment", {})
    passed_on = {
        name: variables[name] for name, value in given.items() if value is None and name in variables
    }
    return passed_on | {
        name: interpolate(str(value), variables) for name, value in given.items() if value is not None
    }


def strings(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


@dataclass(frozen=True)
class ExampleVariable:
    """A variable of `.env.example`; `default` if it is commented out, and so has this value anyway."""

    name: str
    value: str
    default: bool
    explanation: str


@cache
def example() -> tuple[ExampleVariable, ...]:
    found, explanation = [], ""
    for line in (PROJECT_ROOT / ".env.example").read_text().splitlines():
        if assignment := re.fullmatch(r"(#?)([A-Z_][A-Z0-9_]*)=(.*)", line):
            value = assignment[3].strip('"')
            found.append(ExampleVariable(assignment[2], value, bool(assignment[1]), explanation))
        elif line.startswith("# ") and not line.startswith("# ---"):
            explanation = line.removeprefix("# ")
        else:
            explanation = ""
    return tuple(found)


def filled_in(**values: str) -> dict[str, str]:
    """`.env.example` with something for all that is empty, as a person would fill it in."""
    made_up = {
        variable.name: f"{variable.name.lower().strip('_')}-1"
        for variable in example()
        if not variable.default
    }
    urls = {"R2_PUBLIC_URL": "https://media.example.com", "R2_ENDPOINT_URL": ""}
    return made_up | urls | values


class _Interpolation:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def read(self, text: str, within_braces: bool) -> tuple[str, str]:
        """The filled-in text up to the closing brace (or the end), and what follows it."""
        made = ""
        while text:
            if within_braces and text[0] == "}":
                return made, text[1:]
            if text.startswith("$$"):
                made, text = made + "$", text[2:]
            elif text.startswith("${"):
                value, text = self._variable(text[2:])
                made += value
            else:
                assert text[0] != "$", f"a dollar that Compose would take for a variable: {text}"
                made, text = made + text[0], text[1:]
        assert not within_braces, "a brace is not closed"
        return made, ""

    def _variable(self, text: str) -> tuple[str, str]:
        name = _NAME.match(text)
        assert name is not None
        value, rest = self._variables.get(name[0], ""), text[name.end() :]
        if rest.startswith("}"):
            return value, rest[1:]
        operator, rest = rest[:2], rest[2:]
        alternative, rest = _Interpolation(_Anything() if value else self._variables).read(rest, True)
        if value:
            return value, rest
        if operator == ":?":
            raise NotSetError(f"{name[0]}: {alternative}")
        assert operator == ":-"
        return alternative, rest


class _Anything(dict[str, str]):
    """Of an alternative that is not taken, nothing need be set."""

    def get(self, _name: str, _default: object = None) -> str:  # type: ignore[override]
        return "-"
