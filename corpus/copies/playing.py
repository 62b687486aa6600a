"""Plays first releases in hls.js, dash.js and shaka-player: from the start, and from every second."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from pathlib import Path

from playwright.sync_api import Browser, Error

from corpus.copies.releases import Copied
from corpus.outcome import Say
from nightreel.media.planning.plan import Plan
from nightreel.vocabulary.release import MASTER, MPD, content_type_of
from tests.players.chromium import chromium, find_chromium
from tests.players.driver import Player, open_player
from tests.players.library import place
from tests.players.server import serve
from tests.players.site import players_site

STREAMS: tuple[tuple[Player, str], ...] = (("hls.js", MASTER), ("dash.js", MPD), ("shaka", MPD))
_BUFFER_SECONDS = 10.0
_PLAYED_SECONDS = 1.0
_ROUNDING_SECONDS = 0.001
_MOST_SEEKS = 60


def play_all(copies: Sequence[Copied], bucket: Path, say: Say, numbered: set[str]) -> list[Copied]:
    """The same, with what was seen in each player: a fault, or nothing. Without Chromium nothing is played.

    `numbered` are the names of the clips whose frames show their numbers.
    """
    executable = find_chromium()
    if executable is None:
        return list(copies)
    bucket.mkdir(parents=True, exist_ok=True)
    played = []
    with (
        players_site() as site,
        serve({"/": bucket}, content_type_of) as address,
        chromium(executable) as browser,
    ):
        for copied in copies:
            if copied.plan is None or copied.directory is None:
                played.append(copied)
                continue
            title = place(copied.plan, copied.case.name, copied.directory, bucket)
            seen: dict[str, str] = {}
            for player, manifest in STREAMS:
                say(copied.case.name + f": {player}")
                url = address + title.path_of(manifest)
                seen[player] = _seen(browser, player, url, site, copied.plan, copied.case.name in numbered)
            played.append(replace(copied, players=seen))
    return played


def _seen(browser: Browser, player: Player, url: str, site: str, plan: Plan, numbered: bool) -> str:
    """What went wrong first; empty if nothing did."""
    with browser.new_page() as page:
        playback = open_player(page, player, site=site)
        try:
            if (first := playback.load(url, _BUFFER_SECONDS)) > _ROUNDING_SECONDS:
                return f"the first frame is shown at {first} s"
            playback.play_variant(0, min(_PLAYED_SECONDS, plan.duration / 2))
            for second in range(min(_MOST_SEEKS, floor(plan.duration))):
                number = floor(second * plan.frame_rate)
                shown = playback.seek(second)
                if abs(shown - number / plan.frame_rate) > _ROUNDING_SECONDS:
                    return f"after a seek to {second} s, the frame of {shown:.3f} s is shown"
                if numbered and (seen := playback.shown_number()) != number:
                    return f"after a seek to {second} s, frame {seen} is shown instead of {number}"
            playback.play_to_end(1.0)
        except Error as error:
            return error.message.partition("\n")[0]
        return "; ".join(playback.facts()["errors"])
