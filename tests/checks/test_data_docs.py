"""The report of a judgement quotes what was measured as text."""

from dataclasses import dataclass

import pytest
from lxml import html

from nightreel.checks.judge import judge
from nightreel.checks.suites.rules import Suite, matches

VALUES = (
    "</td></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "$v__0 ${row} {{ 7 * 7 }} {% if %} %s",
    "&lt;b&gt; & <b>",
    "\u202eesrever\u2066",
)


@dataclass(frozen=True)
class Named:
    name: str
    label: str


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> list[html.HtmlElement]:
    folder = tmp_path_factory.mktemp("report") / "site"
    rows = tuple(Named(value, value) for value in VALUES)
    suite = Suite("names", Named, rows, (matches("row", "label", "^never$", "it is not"),))
    (verdict,) = judge((suite,), report_directory=folder)
    assert not verdict.passed
    return [html.document_fromstring(page.read_text()) for page in folder.rglob("*.html")]


def test_what_was_found_is_shown_as_it_is(report: list[html.HtmlElement]) -> None:
    shown = [cell.text_content().strip() for page in report for cell in page.iter("td")]
    assert set(VALUES) <= set(shown)


def test_what_was_found_is_no_markup(report: list[html.HtmlElement]) -> None:
    for page in report:
        assert all("alert(1)" not in (script.text or "") for script in page.iter("script"))
        assert page.xpath("//*[@onerror]") == []
        assert page.xpath("//td//b[not(ancestor::*[@class])]") == []
