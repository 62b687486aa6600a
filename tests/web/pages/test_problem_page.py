"""What a browser is shown where there is nothing to show."""

import pytest
from fastapi.testclient import TestClient

from nightreel.web.problems import MEDIA_TYPE
from tests.web.conftest import ClientWith
from tests.web.pages.html import Html

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def reader(client_with: ClientWith) -> TestClient:
    return client_with("read")


def test_a_title_that_is_not_there_is_told_on_a_page_that_leads_to_the_library(reader: TestClient) -> None:
    answer = reader.get("/titles/movie/404", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    page = Html.of(answer.text)
    assert page.texts("//h1") == ["No such title"]
    assert page.texts("//main//p")[0] == "The catalog has no movie 404."
    assert "/" in page.root.xpath("//main//a/@href")
    assert "default-src" in answer.headers["content-security-policy"]


def test_a_mistyped_address_is_told_on_a_page(reader: TestClient) -> None:
    answer = reader.get("/nowhere", headers=BROWSER)
    page = Html.of(answer.text)
    assert (answer.status_code, page.texts("//h1")) == (404, ["Not Found"])
    assert page.texts("//main//p")[0] == "There is nothing at this address."


def test_what_the_page_says_is_text(reader: TestClient) -> None:
    answer = reader.get("/titles/movie/<img src=x onerror=alert(1)>", headers=BROWSER)
    assert answer.status_code == 422
    assert Html.of(answer.text).root.xpath("//main//img") == []


def test_a_browser_that_is_not_signed_in_is_still_led_to_the_sign_in_page(stranger: TestClient) -> None:
    answer = stranger.get("/titles/movie/404", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
def test_a_program_gets_the_problem_document(reader: TestClient, accept: str) -> None:
    answer = reader.get("/titles/movie/404", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE)
