"""The commands, put together, and what their errors look like.

What a command needs beyond typer is imported inside it: `nightreel --help` must not wait
for boto3 and the database driver.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from nightreel.cli import (
    api_keys,
    check,
    demo,
    keys,
    notify,
    runs,
    stack,
    takedown,
    titles,
    token,
    verify,
    web,
)
from nightreel.errors import ConfigurationError, NightreelError
from nightreel.text import one_line

STACK_PANEL = "The stack on this machine"
TITLES_PANEL = "Titles"
RUNS_PANEL = "Conversions"
WEB_PANEL = "The web app"

_LONGEST_ERROR = 4000

_HELP = """Turns a catalog of MP4s into adaptive streams overnight.

To see it work:  [bold]nightreel demo[/bold]

With files of your own, on the stack of this machine:

  nightreel up
  nightreel add film.mp4 --type movie
  nightreel backlog --wait
  nightreel status

With a catalog, a bucket and an Airflow of your own, named in the environment or in .env
(.env.example has every variable), begin with:  [bold]nightreel check[/bold]
"""


class OneLineErrors(TyperGroup):
    """Ends an expected error with its sentence on stderr: exit 2 for a wrong set-up, else 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NightreelError as error:
            typer.echo(f"nightreel: {one_line(str(error), _LONGEST_ERROR)}", err=True)
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


app = typer.Typer(
    name="nightreel",
    help=_HELP,
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    # A traceback's local variables would show secrets.
    pretty_exceptions_enable=False,
)

app.command(rich_help_panel=STACK_PANEL)(demo.demo)
app.command(rich_help_panel=STACK_PANEL)(stack.up)
app.command(rich_help_panel=STACK_PANEL)(stack.down)
app.command(rich_help_panel=TITLES_PANEL)(titles.add)
app.command(rich_help_panel=TITLES_PANEL)(titles.status)
app.command(rich_help_panel=TITLES_PANEL)(titles.requeue)
app.command(rich_help_panel=TITLES_PANEL)(verify.verify)
app.command(rich_help_panel=TITLES_PANEL)(takedown.delete)
app.command(rich_help_panel=TITLES_PANEL)(takedown.purge)
app.command(rich_help_panel=RUNS_PANEL)(runs.backlog)
app.command(rich_help_panel=RUNS_PANEL)(runs.convert)
app.command(rich_help_panel=RUNS_PANEL)(check.check)
app.command(rich_help_panel=RUNS_PANEL)(keys.rotate_keys)
app.command(rich_help_panel=RUNS_PANEL)(notify.notify)
app.command(rich_help_panel=WEB_PANEL)(web.web)
app.add_typer(api_keys.app, name="api-key", rich_help_panel=WEB_PANEL)
app.command(rich_help_panel=WEB_PANEL)(token.token)
