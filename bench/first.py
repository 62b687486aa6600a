"""What a first release costs, by copying and by encoding one rendition, against the full ladder.

python -m bench.first
"""

import os
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bench.commands import one_process
from bench.console import say, stage
from bench.cost import Cost, run_in_sequence
from bench.first_report import Found, Round, as_json, tables
from bench.first_runs import FirstRun, first_release, warm_stack
from bench.machine import Machine
from bench.set_up import set_up, temporary_home
from bench.sources import film, pieces
from nightreel.cli.console import console
from nightreel.errors import NightreelError
from nightreel.local.home import Home
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, build_plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.orchestration.conversion.plan_options import plan_options
from nightreel.settings import Settings, load_settings
from nightreel.vocabulary.title import Title

_SHORT_SECONDS = 8.0


@dataclass
class _Bench:
    home: Home
    source: Path
    short: Path
    plan: Plan
    ffmpeg: str
    say: Callable[[str], None]
    _titles: int = 0

    def round(self, number: str) -> Round:
        """First releases by copying, the full ladder by one FFmpeg, a first release by encoding."""
        copied = self._first(f"{number}: first release, the picture copied", copy=True)
        whole = self._first(f"{number}: first release, picture and sound copied", copy=True, copy_sounds=True)
        with stage(f"{number}: one FFmpeg that makes all renditions"):
            together = self._alone()
        encoded = self._first(f"{number}: first release, one rendition encoded", copy=False)
        return Round(copied, whole, together, encoded)

    def command(self, folder: Path) -> list[str]:
        """The full ladder by one FFmpeg, into this folder."""
        return one_process(self.plan, self.source, folder, self.ffmpeg)

    def _alone(self) -> Cost:
        """No stack runs: people who type FFmpeg have no Airflow beside it."""
        with tempfile.TemporaryDirectory(dir=self.home.root.parent) as folder:
            sandbox = Sandbox(reads=(self.source,), writes=(Path(folder),))
            return run_in_sequence([self.command(Path(folder))], sandbox)

    def _first(self, name: str, *, copy: bool, copy_sounds: bool = False) -> FirstRun:
        # Another title each time: a first release that there is already would be completed.
        warm_up = self._new_title(), self.short
        stack = warm_stack(self.home, self.say, warm_up, copy=copy, copy_sounds=copy_sounds)
        with stack as place, stage(name):
            return first_release(self.home, place, self._new_title(), self.source)

    def _new_title(self) -> Title:
        self._titles += 1
        return Title("movie", str(self._titles))


def _full_plan(source: Path, binaries: Binaries, options: Settings) -> Plan:
    """The plan of a conversion without a first release."""
    probed = inspect(
        source, binaries, decode_check=options.decode_check, damage_tolerance=options.damage_tolerance
    )
    chosen = plan_options(options, encrypted=options.encrypt, sound=True)
    return build_plan(probed, load_ladder(options.ladder), chosen)


def measure(rounds: int, seconds: float, source: Path | None) -> Found:
    """Measures on a separate stack, which is removed afterwards, even after an interrupt.

    Raises EncoderFailed, NoFilm, RunFailed or StackFailed.
    """
    load = os.getloadavg()[0]
    set_up(None)
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    path = source or film(seconds, binaries.ffmpeg, say)
    with every_ending_is_an_interrupt(), temporary_home() as home:
        plan = _full_plan(path, binaries, options)
        (short,) = pieces(path, 1, _SHORT_SECONDS, home.root.parent, binaries)
        bench = _Bench(home, path, short, plan, binaries.ffmpeg, say)
        measured = tuple(bench.round(f"{number} of {rounds}") for number in range(1, rounds + 1))
        command = shlex.join(bench.command(Path("FOLDER")))
    return Found(Machine.here(load, binaries), path.name, path.stat().st_size, plan, command, measured)


def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turn.")] = 3,
    seconds: Annotated[float, typer.Option(min=12.0, help="Length of the film that is made.")] = 300.0,
    source: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A film of your own instead, which may be copied."),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Measure what a first release costs, everything counted, against the full ladder by one FFmpeg.

    Leave the machine alone meanwhile: all of it is being timed.

      make bench CASE=first

      python -m bench.first --rounds 1 --seconds 30 --json first.json
    """
    try:
        found = measure(rounds, seconds, source)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(tables(found))


if __name__ == "__main__":
    typer.run(bench)
