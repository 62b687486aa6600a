"""The API keeps what its description (OpenAPI) promises, whatever it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from nightreel.catalog import Claim
from nightreel.runs.dags import BACKLOG_DAG
from nightreel.vocabulary.scopes import SCOPES
from nightreel.vocabulary.title import Title
from nightreel.web.keys.tokens import issue
from nightreel.web.services import Services
from tests.catalog.conftest import LEASE, Database, publish
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith

# What the examples of the description name.
JOB = "api__movie_123__6f2c1a9b04de"
RELEASE = "20261121T010000-0a1b2c3d"
KEY_ID = UUID("2f054771-f24b-b4fa-efd8-6517156dbfbf")
OBJECT = "uploads/film.mp4"

UNENDING = ("/api/v1/jobs/events", "/api/v1/video/processing-status/{job_id}/events")
"""Server-sent events, the first without an end and the other until its job is over: who waits for
the whole answer waits in vain. They have tests/web/jobs/test_events.py."""

REFUSED = {
    # No cache is set up; tests/web/titles/test_purging.py has one.
    "POST /videos/{content_type}/{content_id}/purge",
    # What comes is never a video, nor a part of one.
    "POST /api/v1/video/upload-hls-video",
    "POST /videos/upload_chunk/{video_hash}/{chunk_index}",
    "POST /videos/finalize/{video_hash}",
    # No source that anyone makes up is of an allowed host, so nothing is encoded. What comes of one
    # that is allowed, tests/web/streams shows.
    "GET /api/stream",
    "GET /api/stream/mp4",
    "GET /api/stream/hls",
    "GET /api/stream/hls/{folder}/{filename}",
}
"""Operations that no request made from the description alone can succeed with."""

CHECKS: dict[str, Any] = {
    # What is well-formed may be refused all the same: for want of such a title, or of a video in the file.
    "positive_data_acceptance": {"enabled": False},
    # Starlette names the methods of one route of a path, where a path has several.
    "allow_header_conformance": {"enabled": False},
}
LENIENT = (
    "/api/v1/video/convert-existing-video",
    "/video/encoding",
    "/videos/{content_type}/{content_id}/convert",
)
"""They take 0 for false, as a form writes it."""


@dataclass
class Findings:
    """What came of all requests: by operation the statuses of its answers, and what was wrong."""

    statuses: dict[str, set[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, event: events.EngineEvent) -> None:
        match event:
            case events.ScenarioFinished():
                self._add_scenario(event.recorder)
            case events.NonFatalError():
                self.faults.append(f"{event.label}: {event.value}")
            case events.FatalError():
                raise event.exception

    def _add_scenario(self, recorder: ScenarioRecorder) -> None:
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            if interaction.response is not None:
                self.statuses.setdefault(label, set()).add(interaction.response.status_code)
            for check in recorder.checks.get(case_id, []):
                if check.failure_info is not None:
                    told, curl = check.failure_info.failure, check.failure_info.code_sample
                    self.faults.append(f"{label}, {check.name}: {told.title}. {told.message}\n{curl}")


def called(app: FastAPI, options: dict[str, Any]) -> Findings:
    """What came of some requests for each operation, the same ones every time."""
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "generation": {"max-examples": 5, "deterministic": True, "database": "none", "no-shrink": True},
            # Sequences of calls are what the tests of each capability are about.
            "phases": {"stateful": {"enabled": False}},
            **options,
        }
    )
    found = Findings()
    for event in from_schema(schemathesis.openapi.from_asgi("/openapi.json", app, config=config)).execute():
        found.add(event)
    return found


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    # One token is to last for all requests, and none of them to be one too many.
    return {"token_seconds": 3600, "key_requests_per_minute": 1_000_000, "wrong_keys_per_minute": 1_000_000}


@pytest.fixture(scope="module")
def example(services: Services, database: Database) -> Title:
    """A title to which all happened that the examples of the description tell."""
    title = database.add_movie(123)
    claim = services.catalog.claims.one(title, JOB, LEASE)
    assert isinstance(claim, Claim)
    key = services.catalog.content_keys.make(claim, "cbcs")
    database.query(
        "UPDATE nightreel.content_keys SET key_id = %s WHERE key_id = %s", str(KEY_ID), str(key.key_id)
    )
    publish(services.catalog, services.catalog.leases.adopt(title, claim.token, JOB, LEASE))
    report = services.settings.reports / title.content_type / title.content_id / RELEASE / "index.html"
    report.parent.mkdir(parents=True)
    report.write_text("<html><head></head></html>")
    services.bucket.put_bytes(OBJECT, b"a film", "video/mp4", "no-cache")
    return title


@pytest.fixture(scope="module")
def findings(
    app: FastAPI,
    services: Services,
    example: Title,
    client_with: ClientWith,
    airflow_server: AirflowServer,
) -> Iterator[Findings]:
    """What came of the requests that an installation gets."""
    token = issue(services.settings, example)
    yield called(
        app,
        {
            "headers": {"ApiKey": client_with(*SCOPES).headers["ApiKey"]},
            "checks": CHECKS,
            "operations": [
                {"include-path": list(UNENDING), "enabled": False},
                {"include-path-regex": "^/keys/", "headers": {"Authorization": f"Bearer {token}"}},
                {"include-path": list(LENIENT), "checks": {"negative_data_rejection": {"enabled": False}}},
                # It is also the path of a key, and a GET of one without that id.
                {"include-path": "/keys/clearkey", "checks": {"unsupported_method": {"enabled": False}}},
            ],
        },
    )
    # All tests share this Airflow.
    with airflow_server.client() as airflow:
        airflow.pause(BACKLOG_DAG, False)


def test_no_request_is_answered_with_a_server_error_or_otherwise_than_is_described(
    findings: Findings,
) -> None:
    assert findings.faults == [], "\n\n".join(findings.faults)


def test_every_operation_was_asked_and_but_for_a_few_has_also_succeeded(
    app: FastAPI, findings: Findings
) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path not in UNENDING
    }
    assert described == findings.statuses.keys()
    succeeded = {each for each, statuses in findings.statuses.items() if min(statuses) < 300}
    assert described - succeeded == REFUSED


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (JSONResponse({"name": "Faust"}, 500), "not_a_server_error"),
        (JSONResponse({"name": "Faust"}, 418), "status_code_conformance"),
        (JSONResponse({"name": 7}), "response_schema_conformance"),
        (PlainTextResponse("Faust"), "content_type_conformance"),
    ],
)
def test_an_answer_that_is_not_as_it_is_described_is_found(answer: Response, check: str) -> None:
    app = FastAPI()

    @app.get("/film", response_model=Film)
    def film() -> Response:
        return answer

    assert any(f"GET /film, {check}: " in fault for fault in called(app, {}).faults)


class Film(BaseModel):
    name: str
