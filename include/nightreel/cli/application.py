"""The command itself: its help, and how it shows errors."""

from typing import Any

import typer

from nightreel.cli.commands import LazyCommands
from nightreel.errors import ConfigurationError, NightreelError
from nightreel.text import one_line

_LONGEST_ERROR = 4000


class Nightreel(LazyCommands):
    """Shows an expected error as one sentence on stderr; exits 2 for a wrong set-up, otherwise 1."""

    def invoke(self, ctx: Any) -> Any:
        """An expected error ends the command with one line, without a traceback."""
        try:
            return super().invoke(ctx)
        except NightreelError as error:
            typer.echo(f"nightreel: {one_line(str(error), _LONGEST_ERROR)}", err=True)
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


app = typer.Typer(
    name="nightreel",
    cls=Nightreel,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    # A traceback's local variables would show secrets.
    pretty_exceptions_enable=False,
)


@app.callback()
def nightreel() -> None:
    """Turns a catalog of MP4s into adaptive streams overnight.

    To see it work:  [bold]nightreel demo[/bold]

    With files of your own, on the stack of this machine:

      nightreel up
      nightreel add film.mp4 --type movie
      nightreel backlog --wait
      nightreel status

    With a catalog, a bucket and an Airflow of your own, named in the environment or in .env
    (.env.example has every variable), begin with:  [bold]nightreel check[/bold]
    """
