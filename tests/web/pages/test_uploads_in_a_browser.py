"""Uploads from the library in a browser. Airflow does not answer, so the night is to convert them."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.uploads.files import video_of
from tests.web.watch.conftest import Open

pytestmark = pytest.mark.browser

UPLOADER = ("read", "upload")
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "video/mp4" }));
  const send = (kind) => document.querySelector("main").dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  send("dragenter");
  const covered = !document.getElementById("drop-cover").hidden;
  send("drop");
  return covered && document.getElementById("drop-cover").hidden;
}"""


def wait_until_done(page: Page, title: str) -> None:
    line = page.locator(".upload", has_text=title)
    expect(line).to_have_attribute("data-state", "finished", timeout=20_000)


def source_of(services: Services, database: Database, name: str) -> bytes | None:
    url: str = database.row("SELECT video_url FROM movies WHERE title = %s", name)["video_url"]
    return services.bucket.get_bytes(url.removeprefix(f"{services.bucket.public_url}/"))


def test_a_dropped_file_is_asked_about_and_becomes_a_title(
    open_page: Open, services: Services, database: Database
) -> None:
    page = open_page("/", *UPLOADER)
    content = video_of(200_000, seed=1)
    assert page.evaluate(DROP, ["the_night_bus.mp4", base64.b64encode(content).decode()])
    dialog = page.get_by_role("dialog", name="Upload a video")
    name = dialog.get_by_label("Name")
    expect(name).to_be_focused()
    expect(name).to_have_value("the night bus")
    page.keyboard.type("The Night Bus")
    page.keyboard.press("Enter")
    wait_until_done(page, "The Night Bus")
    expect(page.locator("#titles h2", has_text="The Night Bus")).to_be_visible()
    assert source_of(services, database, "The Night Bus") == content


def test_several_chosen_files_are_sent_one_after_the_other(
    open_page: Open, services: Services, database: Database, tmp_path: Path
) -> None:
    page = open_page("/", *UPLOADER)
    contents = {f"Film {number}": video_of(50_000, seed=number) for number in (2, 3)}
    for name, content in contents.items():
        (tmp_path / f"{name}.mp4").write_bytes(content)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).press("Enter")
    chooser.value.set_files([tmp_path / f"{name}.mp4" for name in contents])
    page.get_by_role("dialog", name="Upload 2 videos").get_by_role("button", name="Upload").click()
    for name, content in contents.items():
        wait_until_done(page, name)
        assert source_of(services, database, name) == content


def test_an_upload_that_leaving_the_page_broke_off_goes_on_with_the_same_file(
    open_page: Open, services: Services, database: Database, tmp_path: Path
) -> None:
    page = open_page("/", *UPLOADER)
    file = tmp_path / "movie_77.mp4"
    file.write_bytes(video_of(50_000, seed=4))
    page.route("**/upload_chunk/**", lambda route: None)
    page.set_input_files("#upload-files", file)
    dialog = page.get_by_role("dialog", name="Upload a video")
    expect(dialog.get_by_label("Id")).to_have_value("77")
    dialog.get_by_label("Name").fill("Broken Off")
    with page.expect_request("**/upload_chunk/**"):
        page.keyboard.press("Enter")
    page.unroute("**/upload_chunk/**")
    page.goto("about:blank")
    page.go_back()
    expect(page.locator(".uploads .note")).to_contain_text("The upload of Broken Off was interrupted")
    page.set_input_files("#upload-files", file)
    wait_until_done(page, "Broken Off")
    expect(page.locator(".uploads .note")).to_have_count(0)
    assert database.row("SELECT id FROM movies WHERE title = 'Broken Off'")["id"] == 77
    assert source_of(services, database, "Broken Off") == file.read_bytes()


def test_an_upload_can_be_paused_and_goes_on(
    open_page: Open, services: Services, database: Database, tmp_path: Path
) -> None:
    page = open_page("/", *UPLOADER)
    file = tmp_path / "Paused.mp4"
    file.write_bytes(video_of(50_000, seed=5))
    page.route("**/upload_chunk/**", lambda route: None)
    page.set_input_files("#upload-files", file)
    with page.expect_request("**/upload_chunk/**"):
        page.get_by_role("dialog").get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Pause the upload of Paused").click()
    expect(page.locator(".upload-words")).to_have_text("Paused at 0 %")
    page.unroute("**/upload_chunk/**")
    page.get_by_role("button", name="Resume the upload of Paused").click()
    wait_until_done(page, "Paused")


def test_what_is_no_video_is_refused_in_words(open_page: Open, tmp_path: Path, complaints: list[str]) -> None:
    page = open_page("/", *UPLOADER)
    file = tmp_path / "letter.mp4"
    file.write_text("Dear reader, " * 100)
    page.set_input_files("#upload-files", file)
    page.get_by_role("dialog").get_by_role("button", name="Upload").click()
    line = page.locator(".upload")
    expect(line).to_have_attribute("data-state", "failed")
    expect(line.locator(".upload-words")).to_contain_text("Stopped: ")
    complaints.clear()
