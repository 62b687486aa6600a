"""The pictures of the README, taken on the way where NIGHTREEL_SCREENSHOTS names a folder."""

import os
from pathlib import Path

from playwright.sync_api import Page


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("NIGHTREEL_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder, f"{name}.png").absolute()), animations="disabled")
