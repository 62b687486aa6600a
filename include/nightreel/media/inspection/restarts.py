"""Where the times in a file start over: recordings that were joined byte by byte.

FFmpeg reads on past the second header of a Matroska file or a transport stream and returns times that go
back. What follows would be dropped as too late.
"""

from collections import defaultdict
from collections.abc import Sequence

from nightreel.figures import timecode
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.source import Restart

_BACK_SECONDS = 1.0
"""How far decoding times must jump back within a track: rounding and unusual cuts cause less."""

_MOST = 100
_READ_ON = {"matroska", "mpegts"}
"""Formats in which FFmpeg reads what follows a second header; in others it may repeat the first part."""
_RUNS_ON = "mpegts"
"""The format in which FFmpeg itself continues the clock."""


def on_the_titles_clock(restarts: Sequence[Restart], start: float, format_name: str) -> tuple[Restart, ...]:
    """The restarts on the title's clock; the title begins at `start` seconds."""
    by_itself = _RUNS_ON in format_name.split(",")
    return tuple(
        restart.model_copy(
            update={"seconds": restart.seconds - start, "shift": 0.0 if by_itself else restart.shift}
        )
        for restart in restarts
    )


def told_of_restarts(restarts: Sequence[Restart], format_name: str, parts: int) -> tuple[str, ...]:
    """The sentence for the title's owner; `parts` are the recordings that the file is known to contain.

    Raises SourceRejected (`joined`) if not all of them can be shown.
    """
    shown = len(restarts) + 1
    first = timecode(restarts[0].seconds) if restarts else ""
    if parts > shown or len(restarts) > _MOST:
        raise Refusal.JOINED.because(first=f"the first {shown}" if restarts else "the first")
    if not restarts:
        return ()
    if _READ_ON.isdisjoint(format_name.split(",")):
        raise Refusal.JOINED.because(first=f"the first, until {first},")
    return (
        f"The times in the file begin again after {first}, as where recordings were joined byte by byte; "
        f"all {shown} parts are shown one after another.",
    )


class Clock:
    """One continuous clock for a whole file. Takes packets as they are read, and corrects their times."""

    def __init__(self) -> None:
        self.restarts: list[Restart] = []
        self._shift = 0.0
        self._latest = 0.0
        self._reached: dict[str, float] = defaultdict(lambda: float("-inf"))

    def shift(
        self, track: str, *, shown: float | None, decoded: float | None, lasts: float, at: int | None
    ) -> float:
        """Seconds to add to this packet's times.

        `shown` and `decoded` are its own times, `lasts` its duration, `at` its first byte in the file.
        Nothing is concluded from a packet without a decoding time, because packets may be reordered.
        """
        if decoded is not None and at is not None:
            if decoded + self._shift < self._reached[track] - _BACK_SECONDS:
                self._shift = self._latest - (decoded if shown is None else min(shown, decoded))
                self.restarts.append(Restart(position=at, seconds=self._latest, shift=self._shift))
            self._reached[track] = max(self._reached[track], decoded + self._shift)
        if shown is not None:
            self._latest = max(self._latest, shown + lasts + self._shift)
        return self._shift
