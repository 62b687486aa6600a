"""The library in a browser: by keyboard alone, on a phone, in both themes, in Airflow's frame."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from nightreel.vocabulary.title import Title
from tests.web.pages.conftest import Shelf, job_of
from tests.web.watch.conftest import Open

pytestmark = pytest.mark.browser

OPERATOR = ("read", "convert", "upload")
# As Airflow's UI frames the pages of plugins.
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, summary, progress")]
  .filter((each) => each.checkVisibility() && each.type !== "hidden")
  .filter((each) => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length
    || document.getElementById(each.getAttribute("aria-labelledby"))))
  .map((each) => each.outerHTML)"""
REPEATED_IDS = """() => [...document.querySelectorAll("[id]")].map(({id}) => id)
  .filter((id, index, all) => all.indexOf(id) !== index)"""


@pytest.fixture
def library(open_page: Open, stocked: dict[str, Title]) -> Page:
    return open_page("/", *OPERATOR)


def row(page: Page, title: Title) -> str:
    return f"li[data-key='{title.content_type}/{title.content_id}']"


def width_beyond(page: Page) -> int:
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return beyond


def test_search_by_keyboard_narrows_the_list_while_one_types(library: Page) -> None:
    library.keyboard.press("/")
    library.keyboard.type("published one")
    expect(library.locator("#titles h2")).to_have_text(["The published one"])
    expect(library.locator("#search")).to_be_focused()
    expect(library.locator("#summary")).to_have_text("1 title")
    assert library.url.endswith("?q=published+one")


def test_a_filter_taken_by_keyboard_keeps_the_focus_and_the_way_back(library: Page) -> None:
    library.locator("[data-focus=state-failed]").focus()
    library.keyboard.press("Enter")
    expect(library.locator("[data-focus=state-failed][aria-current]")).to_be_focused()
    assert {each.get_attribute("data-state") for each in library.locator("#titles > li").all()} == {"failed"}
    library.go_back()
    expect(library.locator("[data-focus='state-'][aria-current]")).to_be_visible()


def test_all_that_failed_is_put_back_only_after_a_second_word(open_page: Open, shelf: Shelf) -> None:
    for name in ("One", "Two"):
        shelf.add(name, "failed", kind="episode")
    page = open_page("/?state=failed&content_type=episode", *OPERATOR)
    button = page.get_by_role("button", name="Put all 2 back into the backlog…")
    for answer in ("Escape", "Enter"):
        button.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("alertdialog", name="Put all failed titles back?")
        expect(dialog).to_contain_text("try 2 titles again")
        expect(dialog.get_by_role("button", name="Leave them")).to_be_focused()
        if answer == "Enter":
            page.keyboard.press("Tab")
        page.keyboard.press(answer)
        expect(dialog).to_be_hidden()
        expect(page.locator("#titles > li")).to_have_count(0 if answer == "Enter" else 2)
    expect(page.locator(".toast")).to_contain_text("2 titles are back in the backlog")


def test_releases_are_deleted_by_keyboard_and_only_after_a_second_word(open_page: Open, shelf: Shelf) -> None:
    title = shelf.add("To be withdrawn", "published")
    page = open_page("/?q=withdrawn", *OPERATOR)
    menu = page.locator(f"{row(page, title)} summary")
    for answer, state in (("Escape", "published"), ("Enter", "quarantined")):
        menu.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("button", name="Delete its releases…")).to_be_focused()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("alertdialog", name="Delete the releases of To be withdrawn?")
        expect(dialog.get_by_role("button", name="Keep them")).to_be_focused()
        if answer == "Enter":
            page.keyboard.press("Tab")
        page.keyboard.press(answer)
        expect(dialog).to_be_hidden()
        expect(page.locator(f"{row(page, title)} .badge")).to_have_attribute("data-state", state)
    expect(page.locator(".toast")).to_contain_text("The releases of To be withdrawn are gone")


def test_a_quarantine_is_lifted_without_loading_the_page_anew(open_page: Open, shelf: Shelf) -> None:
    title = shelf.add("To be lifted", "quarantined")
    page = open_page("/?q=lifted", *OPERATOR)
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Lift quarantine").click()
    expect(page.locator(f"{row(page, title)} .badge")).to_have_text("Pending")
    assert page.evaluate("window.stayed")


def test_a_refusal_is_shown_in_the_words_of_the_server(
    open_page: Open, shelf: Shelf, complaints: list[str]
) -> None:
    shelf.add("To be refused")
    page = open_page("/?q=refused", *OPERATOR)
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Airflow at")
    expect(page.locator(".toast")).to_contain_text("does not answer")
    assert len(complaints) == 1
    complaints.clear()


def test_converting_with_options_sends_what_was_chosen(open_page: Open, shelf: Shelf) -> None:
    shelf.add("To be chosen", "quarantined")
    page = open_page("/?q=chosen", *OPERATOR)
    page.locator("summary").click()
    page.get_by_role("button", name="Convert anyway…").click()
    dialog = page.get_by_role("dialog", name="Convert To be chosen")
    dialog.get_by_label("Encrypted").check()
    dialog.get_by_label("Only a first release").check()
    page.route("**/convert", lambda route: route.fulfill(status=202, json={"job_id": "x"}))
    with page.expect_request("**/convert") as sent:
        dialog.get_by_role("button", name="Convert", exact=True).click()
    assert sent.value.post_data_json == {"force": True, "first": True, "encrypt": True}


@pytest.mark.parametrize("path", ["/", "/tonight"])
def test_on_a_phone_nothing_has_to_be_scrolled_sideways(
    open_page: Open, stocked: dict[str, Title], shelf: Shelf, path: str
) -> None:
    shelf.add("Only first released", "published", complete=False)
    page = open_page(path, *OPERATOR, viewport={"width": 360, "height": 780})
    assert width_beyond(page) == 0
    if path == "/":
        page.locator("summary").first.click()
        assert width_beyond(page) == 0


def test_the_theme_is_the_systems_until_one_is_chosen_which_is_remembered(
    open_page: Open, stocked: dict[str, Title]
) -> None:
    page = open_page("/", color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    page.emulate_media(color_scheme="light")
    light = page.evaluate(ground)
    assert dark != light
    button = page.locator("#theme")
    for choice, shown in (("light", light), ("dark", dark)):
        button.press("Enter")
        expect(button).to_have_accessible_name(re.compile(f"^Theme: {choice}"))
        assert page.evaluate(ground) == shown
    page.reload()
    assert page.evaluate(ground) == dark


@pytest.mark.parametrize("path", ["/", "/?q=nothing-has-this", "/tonight"])
def test_whatever_can_be_operated_has_a_name(open_page: Open, stocked: dict[str, Title], path: str) -> None:
    page = open_page(path, *OPERATOR)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(REPEATED_IDS) == []
    assert page.locator("h1").count() == 1


def test_without_scripts_the_search_and_the_filters_work_as_well(
    open_page: Open, shelf: Shelf, stocked: dict[str, Title]
) -> None:
    for state in ("pending", "failed"):
        shelf.add(f"Scriptless and {state}", state)
    page = open_page("/", java_script_enabled=False)
    page.locator("#search").fill("scriptless")
    page.locator("#search").press("Enter")
    expect(page.locator("#titles > li")).to_have_count(2)
    page.locator("[data-focus=state-failed]").click()
    expect(page.locator("#titles h2")).to_have_text(["Scriptless and failed"])


def test_in_airflows_frame_the_way_to_a_run_leads_out_of_it(
    open_page: Open, stocked: dict[str, Title], site: str
) -> None:
    title = stocked["claimed"]
    page = open_page("/tonight", *OPERATOR)
    frame = f"<iframe sandbox='{SANDBOX}' src='{site}/' width='1200' height='700'></iframe>"
    answer_with(
        page, "**/frame", f"<body>{frame}<script>document.documentElement.className = 'dark'</script>"
    )
    answer_with(page, "**/airflow/**", "<h1>The run</h1>")
    page.goto(f"{site}/frame")
    inner = page.frame_locator("iframe")
    expect(inner.locator("html")).to_have_attribute("data-theme", "dark")
    expect(inner.locator(".brand")).to_be_hidden()
    inner.locator(f"{row(page, title)} summary").click()
    inner.get_by_role("link", name="The run in Airflow").click()
    expect(page).to_have_url(f"{site}/airflow/dags/convert_title/runs/{job_of(title)}")


def answer_with(page: Page, address: str, html: str) -> None:
    # Without an icon of its own, the browser would ask the server for one.
    body = f"<!doctype html><link rel='icon' href='data:,'>{html}"

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=body)

    page.route(address, answer)
