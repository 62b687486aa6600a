"""The page of a title, in a browser, with the real players and real releases in the bucket."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from nightreel.vocabulary.title import Title
from tests.web.watch.conftest import PLAN, Open
from tests.web.watch.released import Publisher

pytestmark = pytest.mark.browser

STREAMS = ("HLS", "DASH")
QUALITY = {"108p": {"vmaf_mean": 94.25, "vmaf_low": 81.5, "frames": 45}}
SHOWN_CUES = """[...video.textTracks].filter(({mode}) => mode === "showing")
    .flatMap(({activeCues}) => [...activeCues ?? []])"""
HOSTILE = '<img src=x onerror="alert(1)"> & "quotes"'


@pytest.fixture(scope="module")
def clear(publisher: Publisher) -> Title:
    return publisher.publish(publisher.claimed(1, "The Night Train", "run_clear"), quality=QUALITY)


@pytest.fixture(scope="module")
def encrypted(publisher: Publisher) -> Title:
    return publisher.publish(publisher.claimed(2, "Locked", "run_encrypted"), encrypted=True)


def path_of(title: Title) -> str:
    return f"/titles/{title.content_type}/{title.content_id}"


def player(page: Page, stream: str) -> Locator:
    return page.get_by_role("region", name=f"{stream} player")


def video(page: Page, stream: str) -> Locator:
    return player(page, stream).locator("video")


def wait_for(page: Page, stream: str, condition: str) -> None:
    """Until a condition on the player's `video` holds."""
    element = video(page, stream).element_handle()
    page.wait_for_function(f"video => {condition}", arg=element)


def asked_for(page: Page) -> list[str]:
    """The paths of what the page loaded by script."""
    names = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    return [urlsplit(name).path for name in names]


def choose(page: Page, stream: str, menu: str, entry: str) -> None:
    player(page, stream).get_by_role("button", name=re.compile(f"^{menu}")).click()
    player(page, stream).get_by_role("menuitemradio", name=re.compile(f"^{entry}")).click()


@pytest.mark.parametrize("stream", STREAMS)
def test_a_title_plays_seeks_and_changes_quality_language_and_subtitles(
    open_page: Open, clear: Title, stream: str
) -> None:
    page = open_page(path_of(clear))
    wait_for(page, stream, "video.readyState >= 2")
    player(page, stream).get_by_role("button", name="Play (k)").click()
    wait_for(page, stream, "video.currentTime > 0.3")

    choose(page, stream, "Quality", "54p")
    wait_for(page, stream, "video.videoHeight === 54")
    expect(player(page, stream).get_by_role("button", name="Quality: 54p")).to_be_visible()
    choose(page, stream, "Quality", "108p")
    wait_for(page, stream, "video.videoHeight === 108")
    expect(player(page, stream).locator(".player-shown")).to_contain_text("108p")

    choose(page, stream, "Sound", "Français")
    expect(player(page, stream).get_by_role("button", name="Sound: Français")).to_be_visible()
    choose(page, stream, "Subtitles", "Parlé")
    wait_for(page, stream, f"{SHOWN_CUES}.some(cue => cue.text === 'Parlé')")

    bar = player(page, stream).get_by_role("slider", name="Seek")
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    wait_for(page, stream, f"!video.seeking && video.currentTime > {PLAN.duration * 0.7}")
    wait_for(page, stream, f"video.currentTime > {PLAN.duration * 0.75 + 0.3}")


def test_pointing_at_the_seek_bar_shows_the_picture_of_that_time(open_page: Open, clear: Title) -> None:
    page = open_page(path_of(clear))
    wait_for(page, "HLS", "video.readyState >= 2")
    player(page, "HLS").get_by_role("slider", name="Seek").hover()
    picture = player(page, "HLS").locator(".seek-picture")
    expect(picture).to_be_visible()
    expect(picture).to_have_css("background-image", re.compile(r"/sprite_000\.jpg"))
    # The middle of twelve seconds is in the fourth of the tiles of two.
    expect(picture).to_have_css("background-position", re.compile(r"^-(?!0px)"))
    expect(player(page, "HLS").locator(".seek-time")).to_have_text(re.compile("0:0[56]"))


def test_everything_is_done_by_keyboard_alone(open_page: Open, clear: Title) -> None:
    page = open_page(path_of(clear))
    wait_for(page, "HLS", "video.readyState >= 2")
    page.keyboard.press("k")
    wait_for(page, "HLS", "!video.paused && video.currentTime > 0")
    page.keyboard.press("k")
    wait_for(page, "HLS", "video.paused")
    for key, condition in [
        ("l", "video.currentTime >= 10"),
        ("j", "video.currentTime < 5"),
        ("m", "video.muted"),
        ("c", "[...video.textTracks].some(t => t.mode === 'showing')"),
    ]:
        page.keyboard.press(key)
        wait_for(page, "HLS", condition)
    player(page, "DASH").get_by_role("slider", name="Seek").focus()
    for key, condition in [
        ("ArrowRight", "video.currentTime >= 5"),
        ("Home", "video.currentTime === 0"),
        ("ArrowDown", "video.volume < 1"),
        ("Space", "!video.paused"),
    ]:
        page.keyboard.press(key)
        wait_for(page, "DASH", condition)
    expect(player(page, "DASH").locator(".seek-preview")).to_be_visible()

    quality = player(page, "DASH").get_by_role("button", name="Quality: Auto")
    quality.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(player(page, "DASH").get_by_role("button", name="Quality: 54p")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(player(page, "DASH").get_by_role("menu", name="Quality")).to_be_hidden()


def test_both_players_play_together(open_page: Open, clear: Title) -> None:
    page = open_page(path_of(clear))
    for stream in STREAMS:
        wait_for(page, stream, "video.readyState >= 2")
    page.get_by_role("switch", name="Play both together").check()
    player(page, "HLS").get_by_role("button", name="Play (k)").click()
    for stream in STREAMS:
        wait_for(page, stream, "video.currentTime > 0.5")
    player(page, "DASH").get_by_role("button", name="Pause (k)").click()
    player(page, "DASH").get_by_role("slider", name="Seek").press("End")
    for stream in STREAMS:
        wait_for(page, stream, f"video.paused && video.currentTime > {PLAN.duration - 1}")
    times = [video(page, stream).evaluate("video => video.currentTime") for stream in STREAMS]
    assert times[0] == pytest.approx(times[1], abs=0.1)


@pytest.mark.parametrize("stream", STREAMS)
def test_an_encrypted_title_plays_with_a_token_of_the_session(
    open_page: Open, encrypted: Title, stream: str
) -> None:
    page = open_page(path_of(encrypted))
    player(page, stream).get_by_role("button", name="Play (k)").click()
    wait_for(page, stream, "video.currentTime > 0.5 && video.videoWidth > 0")
    expect(player(page, stream).get_by_role("alert")).to_be_hidden()
    assert "/keys/clearkey" in asked_for(page)


def test_an_encrypted_transport_stream_plays_with_a_token_of_the_session(
    open_page: Open, publisher: Publisher
) -> None:
    publisher = replace(publisher, plan=PLAN.model_copy(update={"container": "ts"}))
    title = publisher.publish(publisher.claimed(5, "Locked, for old players", "run_ts"), encrypted=True)
    page = open_page(path_of(title))
    expect(page.get_by_role("region", name="DASH player")).to_have_count(0)
    player(page, "HLS").get_by_role("button", name="Play (k)").click()
    wait_for(page, "HLS", "video.currentTime > 0.5 && video.videoWidth > 0")
    key = publisher.services.catalog.content_keys.find(title, publisher.release_of(title))
    assert key
    assert f"/keys/{key.key_id}" in asked_for(page)


def test_what_cannot_be_loaded_is_said_in_words(
    open_page: Open, publisher: Publisher, complaints: list[str]
) -> None:
    title = publisher.publish(publisher.claimed(3, "Broken", "run_broken"))
    bucket = publisher.services.bucket
    bucket.delete([f"hls/movies/{title.content_id}/{name}" for name in ("master.m3u8", "manifest.mpd")])
    page = open_page(path_of(title))
    expect(player(page, "HLS").get_by_role("alert")).to_have_text("The playlist is not there (404).")
    expect(player(page, "DASH").get_by_role("alert")).to_have_text("The manifest is not there (404).")
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()


def test_the_plot_says_what_each_rendition_has_at_a_time_and_leads_there(
    open_page: Open, clear: Title
) -> None:
    page = open_page(path_of(clear))
    wait_for(page, "HLS", "video.readyState >= 2")
    plot = page.get_by_role("img", name="Measured bit rate over time")
    plot.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".readout")).to_have_text(re.compile(r"^0:03108p \d+ kb/s54p \d+ kb/s$"))
    page.keyboard.press("Enter")
    wait_for(page, "HLS", "Math.abs(video.currentTime - 3) < 0.01")
    wait_for(page, "DASH", "Math.abs(video.currentTime - 3) < 0.01")


def test_deleting_its_releases_takes_the_players_from_the_page(open_page: Open, publisher: Publisher) -> None:
    title = publisher.publish(publisher.claimed(6, "Withdrawn", "run_withdrawn"))
    page = open_page(path_of(title), "read", "convert")
    wait_for(page, "HLS", "video.readyState >= 2")
    page.get_by_label("More for Withdrawn").click()
    page.get_by_role("button", name="Delete its releases…").click()
    page.get_by_role("button", name="Delete the releases").click()
    expect(page.get_by_role("heading", name="There is nothing to play")).to_be_visible()
    expect(page.get_by_role("region", name="HLS player")).to_have_count(0)


def test_a_hostile_name_is_text(open_page: Open, publisher: Publisher) -> None:
    title = publisher.database.add_movie(4)
    publisher.database.query("UPDATE movies SET title = %s WHERE id = 4", HOSTILE)
    page = open_page(path_of(title))
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_the_screen(open_page: Open, clear: Title, width: int) -> None:
    size: Any = {"width": width, "height": 800}
    page = open_page(path_of(clear), viewport=size)
    wait_for(page, "HLS", "video.readyState >= 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
