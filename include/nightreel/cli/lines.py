"""Progress as plain lines, for a log: every change of step, and percentages now and then."""

from collections.abc import Callable

from nightreel.cli.progress import RenditionProgress, RunProgress, TitleProgress
from nightreel.cli.tables import LONGEST_REASON, clock, state
from nightreel.text import one_line

_PERCENT_SECONDS = 15.0


class ProgressLines:
    """Writes what is new since the last look."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._steps: dict[str, str] = {}
        self._percent_at: dict[str, float] = {}

    def show(self, run: RunProgress) -> None:
        """Writes a line for each thing that has changed."""
        if self._changed(run.run_id, run.step or run.state):
            self._write(f"{run.dag_id}: {run.step or run.state}")
        if run.titles_to_begin and self._changed(
            f"titles to begin of {run.run_id}", str(run.titles_to_begin)
        ):
            self._write(waiting_words(run.waiting))
        for title in run.titles:
            if title.waiting:
                continue
            step = "ended" if title.ended else title.step
            # A single title's run is the run that is being watched.
            if self._changed(f"{title.run_id} of {title.title}", step):
                self._write(verdict_line(title) if title.ended else f"{heading(title)}: {step}")
                self._percent_at[title.run_id] = run.seconds
            elif title.renditions and run.seconds - self._percent_at[title.run_id] >= _PERCENT_SECONDS:
                self._percent_at[title.run_id] = run.seconds
                self._write(
                    f"{heading(title)}: {', '.join(rendition_words(each) for each in title.renditions)}"
                )

    def _changed(self, what: str, step: str) -> bool:
        changed = self._steps.get(what) != step
        self._steps[what] = step
        return changed


def waiting_words(count: int) -> str:
    """`1 title waits`, `37 titles wait`."""
    return "1 title waits" if count == 1 else f"{count} titles wait"


def heading(title: TitleProgress) -> str:
    """Which title it is, with its name if known."""
    return ", ".join(filter(None, [str(title.title), one_line(title.name)]))


def rendition_words(rendition: RenditionProgress) -> str:
    """`720p 41 % (1.8×, 12 s left)`, `360p done`."""
    if rendition.percent is None or rendition.speed is None:
        return f"{rendition.label} {rendition.state}"
    left = "" if rendition.eta_seconds is None else f", {rendition.eta_seconds:.0f} s left"
    return f"{rendition.label} {rendition.percent:.0f} % ({rendition.speed:.1f}×{left})"


def verdict_line(title: TitleProgress) -> str:
    """How a title's run ended: the state, the time, and why if it was not published."""
    ended = state(title.verdict) if title.verdict else "gone from the catalog"
    reason = (
        f": {one_line(title.verdict.reason, LONGEST_REASON)}"
        if title.verdict and title.verdict.reason
        else ""
    )
    where = f" (in {title.failed_step})" if title.failed_step and not reason else ""
    return f"{heading(title)}: {ended} after {clock(title.seconds)}{where}{reason}"
