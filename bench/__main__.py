"""The bench's command line."""

from pathlib import Path
from typing import Annotated

import typer

from bench.console import say, stage
from bench.measure import Request, measure
from bench.report import as_json, tables
from nightreel.cli.console import console
from nightreel.errors import NightreelError
from nightreel.vocabulary.media import Preset


def bench(
    pairs: Annotated[int, typer.Option(min=1, help="How often each is measured, in turn.")] = 3,
    seconds: Annotated[
        float | None,
        typer.Option(min=4.0, help="Cut or repeat the title to this length. [default: its own]"),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A title of your own. [default: the demo's, 1080p]"),
    ] = None,
    preset: Annotated[Preset | None, typer.Option(help="x264's preset. [default: the ladder's]")] = None,
    longer: Annotated[
        int,
        typer.Option(min=1, help="Compare memory with a title so many times as long; 1 leaves it out."),
    ] = 3,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Measure Nightreel against FFmpeg alone, on a stack that exists for this only.

    The generated minute of 1080p takes about twenty minutes on two cores. Leave the machine
    alone meanwhile: all of it is being timed.

      make bench

      python -m bench --pairs 1 --seconds 12 --json figures.json
    """
    try:
        figures = measure(Request(pairs, seconds, source, preset, longer), say, stage)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(figures) + "\n")
    console().print(tables(figures))


if __name__ == "__main__":
    typer.run(bench)
