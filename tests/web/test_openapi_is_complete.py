"""The API's description (OpenAPI) leaves nothing open to who writes a client."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator, FormatChecker

from nightreel.web.access import required_scope
from nightreel.web.problems import MEDIA_TYPE

Schema = dict[str, Any]

SHOWN = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", MEDIA_TYPE)
"""Media types of which a reader wants to see an example."""

OF_FORMAT = {
    "date-time": "2026-11-21T01:00:00Z",
    "uuid": "2f054771-f24b-b4fa-efd8-6517156dbfbf",
    "binary": "…",
}
"""What a format says enough about."""


@dataclass(frozen=True)
class Operation:
    """What the description says of a method of a path."""

    method: str
    path: str
    said: Schema

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def contents(self) -> Iterator[tuple[str, Schema]]:
        """Of its body and of its answers, by media type."""
        for part in (self.said.get("requestBody", {}), *self.said["responses"].values()):
            yield from part.get("content", {}).items()

    @property
    def schemes(self) -> set[str]:
        """Those by which a caller shows who it is."""
        return {name for way in self.said.get("security", []) for name in way}


@pytest.fixture(scope="module")
def description(app: FastAPI) -> Schema:
    return app.openapi()


@pytest.fixture(scope="module")
def operations(description: Schema) -> list[Operation]:
    found = [
        Operation(method.upper(), path, said)
        for path, methods in description["paths"].items()
        for method, said in methods.items()
    ]
    assert len(found) > 25
    return found


@dataclass(frozen=True)
class Examples:
    """Examples as a reader, or a tool, puts them together from the schemas of a description."""

    components: Schema

    def of_content(self, content: Schema) -> Any:
        """Raises LookupError, with the way to what has none."""
        return content["example"] if "example" in content else self.of(content["schema"], "")

    def of(self, schema: Schema, way: str) -> Any:
        """As `of_content`."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.of(self.components["schemas"][name], name)
        given = [schema[key] for key in ("example", "const", "default") if key in schema]
        for one in (*schema.get("examples", []), *given, *schema.get("enum", [])):
            return one
        return self._made_up(schema, way)

    def _made_up(self, schema: Schema, way: str) -> Any:
        match schema:
            case {"anyOf": [first, *_]}:
                return self.of(first, way)
            case {"properties": properties}:
                return {name: self.of(each, f"{way}.{name}") for name, each in properties.items()}
            case {"type": "array", "items": items}:
                return [self.of(items, f"{way}[]")]
            case {"type": "boolean"}:
                return True
            case {"type": "string", "format": name} if name in OF_FORMAT:
                return OF_FORMAT[name]
        raise LookupError(way or str(schema))

    def fault(self, content: Schema) -> str | None:
        """Why there is no example of this content, or none that is as its schema says."""
        try:
            example = self.of_content(content)
        except LookupError as error:
            return f"no example of {error}"
        rooted = {**content["schema"], "components": self.components}
        wrong = next(Draft202012Validator(rooted, format_checker=FormatChecker()).iter_errors(example), None)
        return wrong.message if wrong else None


@pytest.fixture(scope="module")
def examples(description: Schema) -> Examples:
    return Examples(description["components"])


def test_each_operation_has_an_id_that_reads_as_a_name_and_is_its_own(operations: list[Operation]) -> None:
    ids = [operation.said["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){0,3}", each)] == []


def test_each_operation_has_a_summary_that_somebody_wrote(operations: list[Operation]) -> None:
    made_of_the_name = [
        str(each)
        for each in operations
        if each.said.get("summary", "") in ("", each.said["operationId"].replace("_", " ").title())
    ]
    assert made_of_the_name == []


def test_each_operation_has_one_tag(operations: list[Operation]) -> None:
    assert [str(each) for each in operations if len(each.said.get("tags", [])) != 1] == []


def test_what_is_guarded_tells_how_to_get_in_and_what_who_may_not_is_told(
    app: FastAPI, operations: list[Operation]
) -> None:
    scopes = {
        (method, route.path_format): required_scope(route)
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    guarded = [each for each in operations if scopes[each.method, each.path]]
    assert len(guarded) > 20
    for operation in guarded:
        assert operation.schemes == {"ApiKey", "Bearer"}, operation
        assert {"401", "403", "429"} <= operation.said["responses"].keys(), operation


def test_the_ways_to_get_in_are_described_and_no_other_is_named(
    description: Schema, operations: list[Operation]
) -> None:
    described = description["components"]["securitySchemes"]
    assert all(scheme["description"] for scheme in described.values())
    assert set().union(*(each.schemes for each in operations)) == set(described)


def test_every_error_is_a_problem_document(operations: list[Operation]) -> None:
    for operation in operations:
        errors = {status: told for status, told in operation.said["responses"].items() if status >= "400"}
        assert errors, operation
        for status, told in errors.items():
            assert list(told["content"]) == [MEDIA_TYPE], (operation, status)
            assert told["content"][MEDIA_TYPE]["example"]["status"] == int(status), operation


def test_what_takes_parameters_or_a_body_tells_what_comes_of_wrong_ones(operations: list[Operation]) -> None:
    silent = [
        str(each)
        for each in operations
        if (each.said.get("parameters") or "requestBody" in each.said) and "422" not in each.said["responses"]
    ]
    assert silent == []


def test_every_body_and_every_answer_has_an_example_that_is_as_its_schema_says(
    operations: list[Operation], examples: Examples
) -> None:
    shown = [
        (operation, content)
        for operation in operations
        for media_type, content in operation.contents
        if media_type in SHOWN
    ]
    assert len(shown) > 100
    faults = {f"{operation}: {fault}" for operation, content in shown if (fault := examples.fault(content))}
    assert faults == set()


def test_every_parameter_has_an_example_or_a_default(operations: list[Operation]) -> None:
    bare = [
        f"{operation}: {parameter['name']}"
        for operation in operations
        for parameter in operation.said.get("parameters", [])
        if not {"examples", "default", "enum"} & parameter["schema"].keys()
    ]
    assert bare == []


def test_an_example_that_is_missing_or_wrong_is_found() -> None:
    examples = Examples({"schemas": {"Film": {"properties": {"name": {"type": "string"}}}}})
    film = {"$ref": "#/components/schemas/Film"}
    assert examples.fault({"schema": film}) == "no example of Film.name"
    assert examples.fault({"schema": film, "example": {"name": 7}}) == "7 is not of type 'string'"
    assert examples.fault({"schema": film, "example": {"name": "Faust"}}) is None
