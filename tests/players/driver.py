"""Plays a stream in one of three players and reports what was seen. Times are in seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from playwright.sync_api import Error, Page

Player = Literal["hls.js", "dash.js", "shaka"]
PLAYERS: tuple[Player, ...] = get_args(Player)

SHOWN_SECONDS = 0.5
"""How much of every variant must be shown; of a title shorter than a second, half of it."""
_PATIENCE_SECONDS = 30.0
_BUFFER_SECONDS = 30.0


@dataclass(frozen=True)
class Variant:
    """A variant as the player lists it. `bandwidth` in bits per second."""

    width: int
    height: int
    bandwidth: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


@dataclass(frozen=True)
class VariantPlay:
    """What was shown of a variant: the size of its frames, and the time from the first to the last."""

    variant: Variant
    width: int
    height: int
    advanced_seconds: float

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


@dataclass(frozen=True)
class Buffered:
    """What a source buffer holds: `kind` is "video" or "audio", the ranges have no gap within."""

    kind: str
    ranges: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PlayReport:
    """One stream in one player. `errors` has every error event, those the player recovered from too."""

    player: Player
    url: str
    errors: tuple[str, ...]
    duration: float | None = None
    first_frame: float | None = None
    """Media time of the first frame shown."""
    variants_listed: tuple[Variant, ...] = ()
    variants_reached: tuple[VariantPlay, ...] = ()
    buffers: tuple[Buffered, ...] = ()
    """Per source buffer: up to half a minute from the start of the last variant played."""
    ended_at: float | None = None
    audio_present: bool = False
    """Whether sound was decoded."""
    frames_total: int = 0
    frames_dropped: int = 0

    @property
    def plays(self) -> bool:
        """Every variant was reached, the end too, and no error was seen."""
        reached = tuple(play.variant for play in self.variants_reached)
        return (
            not self.errors
            and bool(reached)
            and reached == self.variants_listed
            and self.ended_at is not None
        )

    @property
    def advanced_seconds(self) -> float:
        return sum(play.advanced_seconds for play in self.variants_reached)


class Playback:
    """A stream that is loaded in a page of `players_site`. Nothing plays until it is told to.

    Raises playwright's Error when something does not happen in time; it says what.
    """

    def __init__(self, page: Page, player: Player, patience_seconds: float) -> None:
        self._page = page
        self.player = player
        page.evaluate(
            "([player, patience]) => { window.playback = new Playback(player, patience) }",
            [player, patience_seconds],
        )

    def load(self, url: str, buffer_seconds: float, license_url: str = "", text_language: str = "") -> float:
        """Loads the stream, to buffer that much ahead; returns the time of the first frame shown.

        `license_url` is the ClearKey server of an encrypted one, for players that find it nowhere;
        `text_language` that of the subtitles, for players that must know it beforehand.
        """
        return float(self._do("load", url, buffer_seconds, license_url, text_language))

    def variants(self) -> tuple[Variant, ...]:
        return tuple(Variant(**listed) for listed in self._do("variants"))

    def play_variant(self, index: int, seconds: float) -> VariantPlay:
        """Switches to a variant and plays it from the start until that much of it was shown."""
        variant = self.variants()[index]
        shown = self._do("playVariant", index, seconds)
        return VariantPlay(variant, shown["width"], shown["height"], shown["advanced"])

    def seek(self, time: float) -> float:
        """Seeks while paused; returns the media time of the frame that is shown then."""
        return float(self._do("seek", time))

    def shown_number(self) -> int:
        """The number that the frame now shown has in its first lines, as `corpus.copies` burns it in."""
        return int(self._do("shownNumber"))

    def is_buffered(self, time: float) -> bool:
        return bool(self._do("isBuffered", time))

    def buffered(self, seconds: float) -> tuple[Buffered, ...]:
        """What is buffered, once that much from the start is, or the whole title."""
        return tuple(
            Buffered(buffer["kind"], tuple((start, end) for start, end in buffer["ranges"]))
            for buffer in self._do("buffered", seconds)
        )

    def play_to_end(self, seconds: float) -> float:
        """Plays the last seconds; returns the time at which playback ended."""
        return float(self._do("playToEnd", seconds))

    def subtitles(self) -> tuple[str, ...]:
        """The names of the subtitles as the player lists them."""
        return tuple(self._do("subtitles"))

    def subtitles_from(self, index: int, time: float) -> tuple[str, ...]:
        """Shows some of the subtitles and plays from a time on; returns the first texts shown."""
        return tuple(self._do("subtitlesFrom", index, time))

    def facts(self) -> dict[str, Any]:
        return dict(self._do("facts"))

    def screenshot(self, path: str) -> None:
        """The page as it is, with a caption that names player, size and time."""
        self._do("caption")
        self._page.screenshot(path=path)

    def _do(self, method: str, *arguments: object) -> Any:
        return self._page.evaluate(
            "([method, ...rest]) => window.playback[method](...rest)", [method, *arguments]
        )


def open_player(
    page: Page, player: Player, *, site: str, patience_seconds: float = _PATIENCE_SECONDS
) -> Playback:
    """The player page with nothing loaded yet. `site` is the address of `players_site`."""
    page.goto(f"{site}/page/index.html")
    page.wait_for_function("() => window.Playback")
    return Playback(page, player, patience_seconds)


def play(
    page: Page,
    player: Player,
    url: str,
    *,
    site: str,
    patience_seconds: float = _PATIENCE_SECONDS,
    screenshot: str | None = None,
    license_url: str = "",
) -> PlayReport:
    """Plays every variant of a stream, from the lowest bandwidth to the highest, and the stream's end.

    `site` is the address of the player page, `patience_seconds` how long to wait for any one step.
    What does not happen is an error of the report. The screenshot, if wanted, is of the middle.
    """
    playback = open_player(page, player, site=site, patience_seconds=patience_seconds)
    seen: dict[str, Any] = {}
    failures: list[str] = []
    with _as_failure(failures):
        seen["first_frame"] = playback.load(url, _BUFFER_SECONDS, license_url)
        seen["duration"] = duration = playback.facts()["duration"]
        seen["variants_listed"] = playback.variants()
        seen["variants_reached"] = ()
        for index in range(len(seen["variants_listed"])):
            seen["variants_reached"] += (playback.play_variant(index, min(SHOWN_SECONDS, duration / 2)),)
        seen["buffers"] = playback.buffered(_BUFFER_SECONDS / 2)
        seen["ended_at"] = playback.play_to_end(1.0)
        if screenshot:
            playback.seek(duration / 2)
            playback.screenshot(screenshot)
    facts = playback.facts()
    return PlayReport(
        player=player,
        url=url,
        errors=(*facts["errors"], *failures),
        audio_present=facts["soundDecoded"],
        frames_total=facts["framesTotal"],
        frames_dropped=facts["framesDropped"],
        **seen,
    )


@contextmanager
def _as_failure(failures: list[str]) -> Iterator[None]:
    try:
        yield
    except Error as error:
        failures.append(error.message.partition("\n")[0])
