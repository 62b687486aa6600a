"""What a person sees while something is measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from nightreel.cli.console import console


def say(step: str) -> None:
    """Shows what is done next."""
    typer.echo(f"{step} …")


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Shows a name and the elapsed time during the block, and then how long it took."""
    began = time.monotonic()
    screen = console()
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    # Drawn rarely, because drawing takes CPU time from what is measured.
    with Progress(
        *columns, console=screen, transient=True, refresh_per_second=1, disable=not screen.is_terminal
    ) as progress:
        progress.add_task(name, total=None)
        yield
    screen.print(f"{name}: {time.monotonic() - began:.1f} s")
