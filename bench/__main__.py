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
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turn.")] = 3,
    seconds: Annotated[
        float | None,
        typer.Option(min=4.0, help="Length of the title. [default: 300, or its own]"),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A title of your own. [default: a film of real clips]"
        ),
    ] = None,
    preset: Annotated[Preset | None, typer.Option(help="x264's preset. [default: the ladder's]")] = None,
    longer: Annotated[
        int,
        typer.Option(min=1, help="Compare memory with a title so many times as long; 1 leaves it out."),
    ] = 3,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Measure Nightreel against FFmpeg alone, on a stack that exists for this only.

    A film of five minutes takes about 35 minutes a round on two cores, and its longer copy for the
    memory another 25. Leave the machine alone meanwhile: all of it is being timed.

      make bench

      python -m bench --rounds 1 --seconds 12 --json figures.json
    """
    try:
        figures = measure(Request(rounds, seconds, source, preset, longer), say, stage)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(figures) + "\n")
    console().print(tables(figures))


if __name__ == "__main__":
    typer.run(bench)
