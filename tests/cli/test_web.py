"""`web`: the app that stands alone, started as a person starts it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import httpx
import pytest

from nightreel.catalog import Catalog
from nightreel.places import PROJECT_ROOT
from nightreel.storage.bucket import Bucket
from tests.cli.conftest import Run

SECRET = "c2VjcmV0LW9mLXRoaXMtdGVzdA"
QUERIES = [
    f"/api/stream/mp4?url=https://films.example/a.mp4%3FX-Amz-Signature%3D{SECRET}&token={SECRET}",
    f"/api/stream/hls?url=https://films.example/a.mp4?sig={SECRET}",
    f"/videos?q={SECRET}&per_page=3",
    f"/nothing?{SECRET}",
    f"/nothing?a=b&{SECRET}={SECRET}",
    f"/titles/movie/404?x=%0A{SECRET}",
]

AIRFLOW = {
    "NIGHTREEL_AIRFLOW_URL": "http://127.0.0.1:1",
    "NIGHTREEL_AIRFLOW_USERNAME": "someone",
    "NIGHTREEL_AIRFLOW_PASSWORD": "hunter2",
}


@pytest.fixture
def settings(catalog: Catalog, files_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """All that the app needs, in the environment."""
    for variable, value in {**AIRFLOW, "NIGHTREEL_TOKEN_SECRET": token_hex(32)}.items():
        monkeypatch.setenv(variable, value)
    return monkeypatch


@contextmanager
def served(*options: str, heard: list[str] | None = None) -> Iterator[httpx.Client]:
    """A client of `nightreel web`, which ends as a service does."""
    paths = os.pathsep.join([str(PROJECT_ROOT / "include"), str(PROJECT_ROOT)])
    command = [sys.executable, "-c", "from nightreel.cli import app; app()", "web", "--port", "0", *options]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            with httpx.Client(base_url=address(process), trust_env=False) as client:
                yield client
            process.send_signal(signal.SIGTERM)
            assert process.stdout is not None
            told = process.stdout.read().splitlines()
            assert process.wait(timeout=60) in (0, -signal.SIGTERM)
            if heard is not None:
                heard += told
        finally:
            process.kill()


def test_it_answers_to_who_has_a_key(settings: pytest.MonkeyPatch, catalog: Catalog) -> None:
    _, key = catalog.api_keys.make("backend", ["read"])
    with served() as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/videos").status_code == 401
        assert client.get("/videos", headers={"ApiKey": key}).json() == []


@pytest.mark.parametrize(
    ("proxies", "options", "believed"),
    [
        ("127.0.0.0/8", [], True),
        ("127.0.0.1", ["--behind", ""], False),
        ("", [], False),
    ],
)
def test_only_what_a_known_proxy_says_of_the_callers_connection_is_believed(
    settings: pytest.MonkeyPatch, catalog: Catalog, proxies: str, options: list[str], believed: bool
) -> None:
    settings.setenv("NIGHTREEL_WEB_PROXIES", proxies)
    _, key = catalog.api_keys.make("backend", ["read"])
    with served(*options) as client:
        own = {"Origin": str(client.base_url), "X-Forwarded-Proto": "https"}
        answer = client.post("/sign-in", data={"key": key}, headers=own)
    assert answer.status_code == 303, answer.text
    assert ("; secure" in answer.headers["set-cookie"].lower()) == believed


def test_no_query_is_in_the_log(settings: pytest.MonkeyPatch, catalog: Catalog) -> None:
    _, key = catalog.api_keys.make("backend", ["read"])
    heard: list[str] = []
    with served(heard=heard) as client:
        for asked in QUERIES:
            answer = client.get(asked, headers={"ApiKey": key, "Accept": "text/html"})
            assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
        client.get("/keys/none", params={"token": SECRET})
        client.post("/sign-in", params={"next": f"/x?token={SECRET}"}, data={"key": SECRET})
    lines = [line for line in heard if " - " in line]
    assert len(lines) == len(QUERIES) + 2
    assert SECRET not in "".join(heard)
    assert any('"GET /api/stream/mp4?url=***&token=*** HTTP/1.1" 422' in line for line in lines)
    assert any('"GET /videos?q=***&per_page=*** HTTP/1.1" 200' in line for line in lines)


def address(process: "subprocess.Popen[str]") -> str:
    """Where the server says that it answers."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    pytest.fail(f"the server ended: {''.join(heard)}")


@pytest.mark.parametrize(
    "variable", ["NIGHTREEL_TOKEN_SECRET", "NIGHTREEL_AIRFLOW_URL", "NIGHTREEL_CATALOG_DSN", "R2_PUBLIC_URL"]
)
def test_what_is_not_set_is_named_before_anything_listens(
    run: Run, settings: pytest.MonkeyPatch, variable: str
) -> None:
    settings.delenv(variable)
    result = run("web", "--port", "0")
    assert result.exit_code == 2
    assert variable in result.stderr
    assert result.stderr.count("\n") == 1
