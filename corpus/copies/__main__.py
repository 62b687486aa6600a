"""The command line of the copies."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from corpus.cases import Case, cases_in
from corpus.copies.making import make
from corpus.copies.playing import play_all
from corpus.copies.recipes import OPTIONS, RECIPES
from corpus.copies.releases import Copied, copy
from corpus.copies.table import markdown
from corpus.outcome import Way
from nightreel.cli.console import console
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import find_binaries
from nightreel.places import PROJECT_ROOT

LADDER = Ladder(
    rungs=(
        Rung(height=54, video_bps=80_000, audio_bps=64_000),
        Rung(height=108, video_bps=500_000, audio_bps=96_000),
        Rung(height=1080, video_bps=6_000_000, audio_bps=128_000),
    )
)
"""The lowest rendition is small, because it is the one that is encoded."""


def copies(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of videos. [default: clips made with FFmpeg]")
    ] = None,
    only: Annotated[str, typer.Option(help="Only the clips whose name contains this.")] = "",
    players: Annotated[bool, typer.Option(help="Play what was copied, where there is a Chromium.")] = True,
    table: Annotated[Path, typer.Option(help="Write the table here, as Markdown.")] = PROJECT_ROOT
    / "build"
    / "copies.md",
) -> None:
    """Copy the pictures of clips where that may be done; judge, compare and play the copies.

    Exits 1 unless every outcome is as expected.
    """
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="nightreel-copies-") as place, console().status("") as status:
        folder = Path(place)
        outcomes: list[Copied] = []
        for case, options in _cases(folders, only, folder, binaries.ffmpeg):

            def say(step: str, name: str = case.name) -> None:
                status.update(f"{name}: {step}")

            way = Way(binaries, LADDER, options)
            outcomes.append(copy(case, way, folder / "releases" / case.name, say))
        if players:
            numbered = set() if folders else {recipe.name for recipe in RECIPES}
            outcomes = play_all(outcomes, folder / "bucket", status.update, numbered)
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(markdown(outcomes))
    wrong = [outcome.case.name for outcome in outcomes if not outcome.as_expected]
    typer.echo(f"{len(outcomes)} clips, not as expected: {', '.join(wrong) or 'none'}; see {table}")
    if wrong:
        raise typer.Exit(1)


def _cases(
    folders: list[Path] | None, only: str, folder: Path, ffmpeg: str
) -> Iterator[tuple[Case, PlanOptions]]:
    """Each with the options of its title."""
    if folders:
        found = (case for each in folders for case in cases_in(each) if only in case.name)
        # What becomes of a whole title is said there, not whether its picture is copied.
        yield from ((replace(case, expected=""), OPTIONS) for case in found)
        return
    for recipe in RECIPES:
        if only in recipe.name:
            yield make(recipe, folder / "sources", ffmpeg), recipe.options


if __name__ == "__main__":
    typer.run(copies)
