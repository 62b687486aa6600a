"""The browser: Chromium as the system has it, because Playwright's own lacks H.264 and AAC."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


# Playwright's own five seconds are too few for Airflow's UI on a machine that also encodes.
expect.set_options(timeout=30_000)


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome; None if there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """A headless browser with a profile of its own, which goes with it.

    Until it is closed, an asyncio loop runs in this thread: nothing else may start one.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
