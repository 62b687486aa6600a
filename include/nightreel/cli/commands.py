"""The commands by name, in the order of the help, and where each one is imported from.

Only here does the command line import lazily: `nightreel --help` must not wait for boto3 and the database
driver. Everywhere else in this package, imports are at the top.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

STACK_PANEL = "The stack on this machine"
TITLES_PANEL = "Titles"
RUNS_PANEL = "Conversions"
WEB_PANEL = "The web app"


@dataclass(frozen=True)
class ListedCommand:
    """What the help says about a command before it is imported.

    `place` names a function, or a `Typer` with commands of its own, as `module:attribute`; `summary` is
    the first paragraph of its help.
    """

    name: str
    place: str
    panel: str
    summary: str

    def imported(self) -> Any:
        """The command itself, as click calls it."""
        module, _, attribute = self.place.partition(":")
        found: typer.Typer | Callable[..., None] = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
        alone.command(self.name)(found)
        return get_command(alone)


COMMANDS = (
    ListedCommand(
        "demo",
        "nightreel.cli.demo:demo",
        STACK_PANEL,
        "Convert a sample library on this machine's stack, and show the result.",
    ),
    ListedCommand(
        "up",
        "nightreel.cli.stack:up",
        STACK_PANEL,
        "Start PostgreSQL, an S3 server and Airflow on this machine, and print their addresses.",
    ),
    ListedCommand(
        "down",
        "nightreel.cli.stack:down",
        STACK_PANEL,
        "Stop this machine's stack, whatever state it is in. Its data is kept.",
    ),
    ListedCommand(
        "add",
        "nightreel.cli.titles:add",
        TITLES_PANEL,
        "Upload files to the bucket and enter them in the catalog.",
    ),
    ListedCommand(
        "plan",
        "nightreel.cli.plan:plan",
        TITLES_PANEL,
        "Show what would be made of a file: its renditions, and whether picture and sounds may be copied.",
    ),
    ListedCommand(
        "status",
        "nightreel.cli.titles:status",
        TITLES_PANEL,
        "Show each title's state, and where it plays or why it does not.",
    ),
    ListedCommand(
        "requeue",
        "nightreel.cli.titles:requeue",
        TITLES_PANEL,
        "Put a quarantined or failed title back into the backlog, or all failed titles.",
    ),
    ListedCommand(
        "verify",
        "nightreel.cli.verify:verify",
        TITLES_PANEL,
        "Check a published title again, as before its upload: every file, fetched over HTTP.",
    ),
    ListedCommand(
        "delete",
        "nightreel.cli.takedown:delete",
        TITLES_PANEL,
        "Delete a title's releases: from the catalog, the bucket and Cloudflare's cache, in this order.",
    ),
    ListedCommand(
        "purge",
        "nightreel.cli.takedown:purge",
        TITLES_PANEL,
        "Purge everything ever published of a title from Cloudflare's cache; may be repeated.",
    ),
    ListedCommand(
        "backlog",
        "nightreel.cli.runs:backlog",
        RUNS_PANEL,
        "Convert everything in the catalog that is not converted yet, as each night does.",
    ),
    ListedCommand("convert", "nightreel.cli.runs:convert", RUNS_PANEL, "Convert one title."),
    ListedCommand(
        "check",
        "nightreel.cli.check:check",
        RUNS_PANEL,
        "Check the settings, the catalog, the bucket, the programs and Airflow, and say how to fix faults.",
    ),
    ListedCommand(
        "rotate-keys",
        "nightreel.cli.keys:rotate_keys",
        RUNS_PANEL,
        "Store all content keys under the first secret of NIGHTREEL_KEY_SECRET.",
    ),
    ListedCommand(
        "notify",
        "nightreel.cli.notify:notify",
        RUNS_PANEL,
        "Send the notifications of the last three days that did not arrive.",
    ),
    ListedCommand(
        "web",
        "nightreel.cli.web:web",
        WEB_PANEL,
        "Serve the API and the pages without Airflow's UI, for callers with API keys.",
    ),
    ListedCommand(
        "token",
        "nightreel.cli.keys:token",
        WEB_PANEL,
        "Print a token that gives players the key of an encrypted title.",
    ),
    ListedCommand(
        "api-key",
        "nightreel.cli.api_keys:app",
        WEB_PANEL,
        "Keys that programs use for the API and people use to sign in.",
    ),
)
"""In the order of the help."""


class LazyCommands(TyperGroup):
    """Lists the commands without importing them, and imports the one that is called."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        for each in COMMANDS:
            self.add_command(TyperCommand(each.name, help=each.summary, rich_help_panel=each.panel))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Imports the command that is called, and no other."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, next((each.imported() for each in COMMANDS if each.name == name), None), rest
