"""The web app by itself: who may read a report, what is a report, and what its pages load."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.checks.judge import judge
from nightreel.checks.suites.rules import Suite, within
from nightreel.web.asset_files import AssetFiles
from nightreel.web.packages import install_packages
from tests.web.conftest import ClientWith

RELEASE = "20261121T010000-0a1b2c3d"
REPORT = f"/nightreel/reports/movie/7/{RELEASE}"
SECRET = "not a report"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one real report, and beside it what nobody may read."""
    above = tmp_path_factory.mktemp("above")
    (above / "secret.html").write_text(SECRET)
    reports = above / "reports"
    report = reports / "movie" / "7" / RELEASE
    report.parent.mkdir(parents=True)
    judge([numbers_suite()], report_directory=report)
    (report / "outwards.html").symlink_to(above / "secret.html")
    neighbour = report.with_name("20261121T020000-0a1b2c3d")
    neighbour.mkdir()
    (neighbour / "index.html").write_text(SECRET)
    return reports


@pytest.fixture(scope="module")
def setting_overrides(folder: Path) -> dict[str, Any]:
    return {"reports": folder}


@pytest.fixture(scope="module")
def stranger(app: FastAPI) -> Iterator[TestClient]:
    """Of the app as Airflow has it: below a prefix."""
    above = FastAPI()
    above.mount("/nightreel", app)
    with TestClient(above) as client:
        yield client


@pytest.fixture(scope="module")
def member(stranger: TestClient, client_with: ClientWith) -> TestClient:
    return TestClient(stranger.app, headers=client_with("read").headers)


@pytest.fixture(scope="module")
def validation(folder: Path) -> str:
    """The address of the page with the verdicts of a suite."""
    (page,) = (folder / "movie" / "7" / RELEASE / "validations").rglob("*.html")
    return f"{REPORT}/{page.relative_to(folder / 'movie' / '7' / RELEASE)}"


@dataclass(frozen=True)
class Number:
    name: str
    value: float


def numbers_suite() -> Suite:
    return Suite(
        "numbers",
        Number,
        [Number("one", 1.0)],
        (within("small", "value", 0, 2, "a number is large"),),
    )


def test_a_report_opens_with_its_first_page_and_leads_to_the_verdicts(
    member: TestClient, validation: str
) -> None:
    first = member.get(f"{REPORT}/index.html")
    assert first.status_code == 200
    assert first.headers["content-type"].startswith("text/html")
    assert validation.removeprefix(f"{REPORT}/") in first.text
    assert "Succeeded" in member.get(validation).text


def test_without_leave_nothing_of_a_report_is_shown_nor_whether_there_is_one(
    stranger: TestClient, validation: str
) -> None:
    for path in (f"{REPORT}/index.html", validation, f"{REPORT}/static/images/favicon.ico", f"{REPORT}/none"):
        assert stranger.get(path).status_code == 401, path


def test_every_route_but_the_assets_is_guarded(stranger: TestClient) -> None:
    for path in ("/docs", "/redoc", "/reports", "/reports/"):
        assert stranger.get(f"/nightreel{path}").status_code in (401, 404), path
    assert stranger.get("/nightreel/assets/data-docs.css").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/movie/7/{RELEASE}/%2e%2e/20261121T020000-0a1b2c3d/index.html",
        f"/movie/7/{RELEASE}/..%2f..%2f..%2f..%2fsecret.html",
        f"/movie/7/{RELEASE}/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.html",
        f"/movie/7/{RELEASE}//etc/passwd",
        f"/movie/7/{RELEASE}/%2fetc%2fpasswd",
        f"/movie/7/{RELEASE}/outwards.html",
        f"/movie/..%2f..%2f7/{RELEASE}/secret.html",
        "/movie/7/%2e%2e/%2e%2e/%2e%2e/secret.html",
        "/../secret.html/7/x/y",
    ],
)
def test_no_path_leads_out_of_a_report(member: TestClient, path: str) -> None:
    # As it stands: a client would tidy the path before sending it.
    request = member.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=f"/nightreel/reports{path}".encode())
    answer = member.send(request)
    assert answer.status_code == 404
    assert SECRET not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/movie/8/{RELEASE}/index.html",
        "/movie/7/20261121T030000-0a1b2c3d/index.html",
        "/movie/7/latest/index.html",
        f"/MOVIE/7/{RELEASE}/index.html",
        f"/movie/7.5/{RELEASE}/index.html",
        f"/movie/7/{RELEASE}/",
        f"/movie/7/{RELEASE}/static",
        f"/movie/7/{RELEASE}/missing.html",
        f"/movie/7/{RELEASE}/%00.html",
    ],
)
def test_what_is_no_page_of_a_report_is_not_found(member: TestClient, path: str) -> None:
    assert member.get(f"/nightreel/reports{path}").status_code == 404


def test_a_page_loads_nothing_from_anywhere_else(member: TestClient, validation: str) -> None:
    for path in (f"{REPORT}/index.html", validation):
        page = member.get(path).text
        loaded = re.findall(r'<(?:script|img|link)\b[^>]*(?:src|href)="([^"]+)"', page)
        assert [url for url in loaded if urlsplit(url).netloc] == [], path
        assets = [url for url in loaded if url.startswith("/nightreel/assets/")]
        assert {Path(url).name for url in assets} >= {"bootstrap.min.css", "jquery.min.js", "data-docs.css"}
        for url in assets:
            assert member.get(url).status_code == 200, url


@pytest.mark.parametrize(
    "path",
    ["bootstrap/package.json", "bootstrap/dist/css/bootstrap.min.css", "../node_modules/jquery/package.json"],
)
def test_of_the_packages_nothing_is_served_but_what_the_pages_load(stranger: TestClient, path: str) -> None:
    assert (install_packages() / path).resolve().is_file()
    request = stranger.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=f"/nightreel/assets/{path}".encode())
    assert stranger.send(request).status_code == 404


def test_packages_that_are_not_installed_are_missed_with_the_cure_and_our_own_styles_stay(
    tmp_path: Path,
) -> None:
    app = FastAPI()
    app.mount("/assets", AssetFiles(tmp_path / "node_modules"))
    with TestClient(app) as client:
        answer = client.get("/assets/jquery.min.js")
        assert answer.status_code == 404
        assert "`make venv`" in answer.json()["detail"]
        assert client.get("/assets/data-docs.css").status_code == 200


def test_a_page_is_shut_in_a_sandbox_that_calls_nobody(member: TestClient) -> None:
    policy = member.get(f"{REPORT}/index.html").headers["content-security-policy"]
    directives = dict(directive.strip().partition(" ")[::2] for directive in policy.split(";"))
    assert directives["sandbox"] == "allow-scripts"
    assert directives["default-src"] == "'none'"
    assert "http" not in policy
