"""The corpus' command line."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from corpus.cases import Case, cases_in
from corpus.contact_sheet import write_contact_sheet
from corpus.derived import derive
from corpus.outcome import Outcome, Way, convert
from corpus.table import markdown, page
from nightreel.cli.console import console
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import find_binaries
from nightreel.places import PROJECT_ROOT
from nightreel.vocabulary.media import Preset

CLIPS = Path(os.environ.get("NIGHTREEL_CLIPS", PROJECT_ROOT.parent / "shared" / "clips"))


def corpus(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of videos. [default: NIGHTREEL_CLIPS, else ../shared/clips]"),
    ] = None,
    only: Annotated[str, typer.Option(help="Only the cases whose name contains this.")] = "",
    derived: Annotated[bool, typer.Option(help="Also the cases that are made with FFmpeg.")] = True,
    base: Annotated[
        Path | None,
        typer.Option(exists=True, help="What those are made from. [default: a generated picture]"),
    ] = None,
    preset: Annotated[Preset, typer.Option(help="x264's preset.")] = "veryfast",
    output: Annotated[Path, typer.Option(help="Where pictures and page go.")] = PROJECT_ROOT
    / "build"
    / "corpus",
    table: Annotated[Path | None, typer.Option(help="Write the table here, as Markdown.")] = None,
) -> None:
    """Convert awkward sources and show what came out: a table, and pictures to look at.

    Exits 1 unless every outcome is as expected.

      python -m corpus ~/videos --output build/corpus
    """
    output.mkdir(parents=True, exist_ok=True)
    binaries = find_binaries()
    way = Way(binaries, load_ladder(PROJECT_ROOT / "config" / "ladder.yaml"), _options(preset))
    with tempfile.TemporaryDirectory(prefix="nightreel-corpus-") as folder:
        cases = [case for place in folders or [CLIPS] for case in cases_in(place)]
        if derived:
            cases += derive(Path(folder) / "sources", binaries.ffmpeg, base)
        chosen = [case for case in cases if only in case.name]
        outcomes, sheets = _convert_all(chosen, way, Path(folder), output)
    written = markdown(outcomes)
    (output / "corpus.md").write_text(written)
    (output / "index.html").write_text(page(outcomes, sheets))
    if table:
        table.write_text(written)
    _tell(outcomes, output)
    if not all(outcome.as_expected for outcome in outcomes):
        raise typer.Exit(1)


def _options(preset: Preset) -> PlanOptions:
    return PlanOptions(preset=preset, loudness_lufs=-23.0)


def _convert_all(
    cases: list[Case], way: Way, folder: Path, output: Path
) -> tuple[list[Outcome], dict[str, Path]]:
    outcomes: list[Outcome] = []
    sheets: dict[str, Path] = {}
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(),
    ) as progress:
        bar = progress.add_task("", total=len(cases))
        for case in cases:

            def say(step: str, name: str = case.name) -> None:
                progress.update(bar, description=f"{name}: {step}")

            # Delete each case's files before the next one: a folder of films would fill the disk.
            with tempfile.TemporaryDirectory(dir=folder) as place:
                outcome = convert(case, way, Path(place), say)
                sheet = output / f"{case.name}.png"
                if write_contact_sheet(outcome, sheet, way.binaries.ffmpeg):
                    sheets[case.name] = sheet
            outcomes.append(outcome)
            progress.advance(bar)
    return outcomes, sheets


def _tell(outcomes: list[Outcome], output: Path) -> None:
    wrong = [outcome for outcome in outcomes if not outcome.as_expected]
    for outcome in wrong:
        typer.echo(f"{outcome.case.name}: {outcome.state} ({outcome.code} {outcome.reason}), not as expected")
    typer.echo(
        f"{len(outcomes)} sources, {len(outcomes) - len(wrong)} as expected; see {output / 'index.html'}"
    )


if __name__ == "__main__":
    typer.run(corpus)
