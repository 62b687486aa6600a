"""The cost of many watchers: two titles are encoded, with and without clients that follow them.

Before and after each watched encoding comes an unwatched one, which shows how much equal ones differ.

  python -m bench.watching
"""

import json as json_format
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.clients import Answers, asking
from bench.console import say, stage
from bench.figures import Spread
from bench.measure import Stage
from bench.set_up import set_up, temporary_home, title_file
from bench.title_run import TitleRun, add, convert, new_run_id
from nightreel.cli.console import console
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.errors import NightreelError
from nightreel.local.addresses import StackAddresses
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.media.programs.binaries import find_binaries
from nightreel.runs.dags import CONVERT_DAG
from nightreel.settings import load_settings
from nightreel.vocabulary.media import Preset
from nightreel.vocabulary.title import Title

_TITLES = (Title("movie", "1"), Title("movie", "2"))
_LOOK_SECONDS = 0.2


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Trial:
    """Two titles encoded at once: unwatched, watched, unwatched. Wall time of the encoding, in seconds."""

    before: float
    watched: float
    after: float
    answers: Answers

    @property
    def unwatched(self) -> float:
        """What the watched one is compared with: a machine that slows down steadily favours neither."""
        return (self.before + self.after) / 2

    @property
    def ratio(self) -> float:
        """With everything on one machine, including what the clients took from the encoders."""
        return self.watched / self.unwatched

    @property
    def server_ratio(self) -> float:
        """Roughly the same without the clients' share, as if they were on another machine.

        An estimate: it assumes that the encoders would have used every second that the clients took.
        """
        return (self.watched - self.answers.cpu_seconds / _cores()) / self.unwatched

    @property
    def noise(self) -> float:
        """The slower of two equal encodings ÷ the faster."""
        return max(self.before, self.after) / min(self.before, self.after)


def encoding_seconds(runs: Sequence[TitleRun]) -> float:
    """Seconds from the start of the first rendition to the end of the last one, over all titles."""
    begins, ends = zip(*(run.encoding for run in runs), strict=True)
    return float(max(ends) - min(begins))


def errors_of(trials: Sequence[Trial]) -> Counter[str]:
    """How often each kind of error occurred in all trials."""
    return sum((trial.answers.errors for trial in trials), Counter())


def noise_of(trials: Sequence[Trial]) -> float:
    """How much two equal encodings differ in the median trial, as a ratio.

    Not the most of all trials, because one bad moment of the machine would then excuse every ratio.
    """
    return median(trial.noise for trial in trials)


@dataclass(frozen=True)
class _Bench:
    place: Deployment
    addresses: StackAddresses
    clients: int
    stage: Stage

    def trial(self, number: int) -> Trial:
        before, _ = self._round(number, 0)
        watched, answers = self._round(number, self.clients)
        after, _ = self._round(number, 0)
        return Trial(before, watched, after, answers)

    def _round(self, number: int, clients: int) -> tuple[float, Answers]:
        """Seconds for encoding both titles while clients watch, and what the clients got."""
        run_ids = [new_run_id() for _ in _TITLES]
        url, key = self.addresses.web_url, self.addresses.web_key
        with (
            self.stage(f"trial {number}: two titles, {clients} clients"),
            ThreadPoolExecutor(len(_TITLES)) as pool,
        ):
            running = [
                pool.submit(convert, self.place, title, run_id)
                for title, run_id in zip(_TITLES, run_ids, strict=True)
            ]
            self._wait_for(run_ids)
            with asking(url, key, run_ids, clients) as answers:
                runs = [run.result() for run in running]
        return encoding_seconds(runs), answers

    def _wait_for(self, run_ids: Sequence[str]) -> None:
        """Waits until both runs are known: before that, clients have no ids to ask for."""
        with self.place.airflow() as airflow:
            while not {run.dag_run_id for run in airflow.runs(CONVERT_DAG)} >= set(run_ids):
                time.sleep(_LOOK_SECONDS)


def bench(
    trials: Annotated[
        int, typer.Option(min=1, help="How often: unwatched, watched and unwatched again.")
    ] = 3,
    clients: Annotated[int, typer.Option(min=1, help="How many watch.")] = 50,
    seconds: Annotated[
        float | None,
        typer.Option(min=4.0, help="Cut or repeat the titles to this length. [default: their own]"),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A title of your own. [default: the demo's, 1080p]"),
    ] = None,
    preset: Annotated[Preset | None, typer.Option(help="x264's preset. [default: the ladder's]")] = None,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Encode two titles at once, alone and while many clients ask how far they are.

    Leave the machine alone meanwhile: all of it is being timed.

      make bench CASE=watching

      python -m bench.watching --trials 1 --seconds 12 --json watching.json
    """
    set_up(preset)
    try:
        found = _measure(trials, clients, seconds, source)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(table(found))


def _measure(trials: int, clients: int, seconds: float | None, source: Path | None) -> list[Trial]:
    options = load_settings()
    ffmpeg = find_binaries(options.ffmpeg, options.ffprobe, options.packager).ffmpeg
    with every_ending_is_an_interrupt(), temporary_home() as home:
        path = title_file(source, seconds, home.root.parent, ffmpeg, say)
        stack = Stack(home, options=options)
        with stack.running(say) as addresses:
            place = embedded(stack)
            for title in _TITLES:
                add(place, title, path)
            measuring = _Bench(place, addresses, clients, stage)
            return [measuring.trial(number) for number in range(1, trials + 1)]


def table(trials: Sequence[Trial]) -> RenderableType:
    """The trials for people to read."""
    shown = Table(title="Two titles that encode, watched and unwatched", title_justify="left")
    shown.add_column("")
    rows: dict[str, Callable[[Trial], str]] = {
        "encoding, unwatched before, s": lambda trial: f"{trial.before:.1f}",
        "encoding, watched, s": lambda trial: f"{trial.watched:.1f}",
        "encoding, unwatched after, s": lambda trial: f"{trial.after:.1f}",
        "unwatched, slower ÷ faster": lambda trial: f"{trial.noise:.3f}",
        "watched ÷ unwatched": lambda trial: f"{trial.ratio:.3f}",
        "the same without the clients' CPU": lambda trial: f"{trial.server_ratio:.3f}",
        "answers": lambda trial: str(len(trial.answers.seconds)),
        "an answer took, median, ms": lambda trial: f"{1000 * median(trial.answers.seconds or [0]):.0f}",
        "an answer took, at most, ms": lambda trial: f"{1000 * max(trial.answers.seconds or [0]):.0f}",
        "the clients' own CPU, s": lambda trial: f"{trial.answers.cpu_seconds:.1f}",
        "errors": lambda trial: str(trial.answers.errors.total()),
    }
    for number in range(1, len(trials) + 1):
        shown.add_column(f"trial {number}", justify="right")
    for name, cell in rows.items():
        shown.add_row(name, *(cell(trial) for trial in trials))
    return Group(shown, _verdict(trials))


def _verdict(trials: Sequence[Trial]) -> Text:
    ratio = Spread.of([trial.ratio for trial in trials]).middle
    errors = errors_of(trials)
    noise = noise_of(trials)
    said = f"median ratio {ratio:.3f}, "
    said += f"expected ≤ {noise:.3f}, by which equal encodings differ; "
    said += f"errors, expected none: {dict(errors) or 'none'}"
    return Text(said, style="green" if ratio <= noise and not errors else "red")


def as_json(trials: Sequence[Trial]) -> str:
    """Every measurement, in seconds."""
    document = {
        "ratio": vars(Spread.of([trial.ratio for trial in trials])),
        "server_ratio": vars(Spread.of([trial.server_ratio for trial in trials])),
        "errors": dict(errors_of(trials)),
        "expected": {"ratio": noise_of(trials), "errors": 0},
        "trials": [
            {
                "unwatched_before": trial.before,
                "watched": trial.watched,
                "unwatched_after": trial.after,
                "ratio": trial.ratio,
                "server_ratio": trial.server_ratio,
                "noise": trial.noise,
                "answers": len(trial.answers.seconds),
                "answer_seconds": vars(Spread.of(trial.answers.seconds or [0.0])),
                "clients_cpu_seconds": trial.answers.cpu_seconds,
            }
            for trial in trials
        ],
    }
    return json_format.dumps(document, indent=2)


if __name__ == "__main__":
    typer.run(bench)
