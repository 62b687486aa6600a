"""The progress of a run at one moment, as shown on a screen. Times in seconds."""

from dataclasses import dataclass

from nightreel.catalog import TitleStatus
from nightreel.runs.airflow_api.records import RunState
from nightreel.runs.states import StepState
from nightreel.vocabulary.title import Title


@dataclass(frozen=True)
class RenditionProgress:
    """The renditions of one encode job, being made; `speed` as a multiple of real time."""

    label: str
    state: StepState
    percent: float | None = None
    speed: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True)
class TitleProgress:
    """One run of `convert_title`.

    `step` is the current task, empty before the first; `verdict` is what the catalog says once the run
    has ended, `failed_step` the task that ended it.
    """

    title: Title
    run_id: str
    name: str = ""
    step: str = ""
    renditions: tuple[RenditionProgress, ...] = ()
    seconds: float = 0.0
    ended: bool = False
    failed_step: str = ""
    verdict: TitleStatus | None = None

    @property
    def waiting(self) -> bool:
        """Whether none of its tasks has started."""
        return not self.ended and not self.step


@dataclass(frozen=True)
class RunProgress:
    """A requested run, and the runs of titles that it started: a night may start two for one title.

    `titles_to_begin` counts a night's titles that wait for a run: they get one as places become free.
    """

    dag_id: str
    run_id: str
    state: RunState
    step: str
    seconds: float
    titles: tuple[TitleProgress, ...] = ()
    titles_to_begin: int = 0

    @property
    def ended(self) -> bool:
        """Whether it succeeded or failed."""
        return self.state in ("success", "failed")

    @property
    def waiting(self) -> int:
        """How many titles wait, with or without a run."""
        return sum(title.waiting for title in self.titles) + self.titles_to_begin

    @property
    def run_count(self) -> int:
        """How many runs of titles there are, including those that have not been started."""
        return len(self.titles) + self.titles_to_begin

    @property
    def working(self) -> tuple[TitleProgress, ...]:
        """Titles that have started and not ended."""
        return tuple(title for title in self.titles if not title.ended and not title.waiting)

    @property
    def done(self) -> tuple[TitleProgress, ...]:
        """Titles that have ended in any way."""
        return tuple(title for title in self.titles if title.ended)
