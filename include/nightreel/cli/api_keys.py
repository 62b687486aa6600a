"""`api-key`: the keys that programs use for the API."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from nightreel.cli.console import console
from nightreel.cli.deployment import current
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.scopes import SCOPES

app = typer.Typer(
    name="api-key",
    help="Keys that programs use for the API and people use to sign in.",
    no_args_is_help=True,
    add_completion=False,
)


# Typer does not accept a list of literals, and mypy does not know computed members.
ScopeName = StrEnum("ScopeName", {scope.upper(): scope for scope in SCOPES})  # type: ignore[misc]
"""What a key allows, for `--scope`."""


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Who will use it.")],
    scope: Annotated[list[ScopeName], typer.Option(help="What it may do; give the option again for more.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it is valid.")] = None,
) -> None:
    """Make a key, and print it: it is shown only once.

    Titles, jobs and pages are `read`; starting, deleting and pausing `convert`; files `upload`.

      nightreel api-key create --name backend --scope read --scope convert
    """
    here = current()
    key, text = here.catalog().api_keys.make(name, list(scope), timedelta(days=days) if days else None)
    typer.echo(text)
    address = here.settings.web_url or "http://127.0.0.1:8000"
    typer.echo(f"key {key.key_id} of {key.name}; to try it:", err=True)
    typer.echo(f"  curl -H 'ApiKey: {text}' '{address}/videos?per_page=3'", err=True)


@app.command("list")
def list_() -> None:
    """Show all keys, without their secrets.

    nightreel api-key list
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Key", "Name", "Scopes", "Made", "Last used", "Ends"):
        table.add_column(heading, overflow="fold")
    for key in current().catalog().api_keys.every():
        end = f"revoked {_day(key.revoked_at)}" if key.revoked_at else _day(key.expires_at)
        used = _day(key.last_used_at) or "never"
        table.add_row(key.key_id, key.name, " ".join(key.scopes), _day(key.created_at), used, end)
    console().print(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `api-key list` shows it.")]) -> None:
    """End a key, and the sessions that were opened with it.

    nightreel api-key revoke 0a1b2c3d4e5f
    """
    if not current().catalog().api_keys.revoke(key_id):
        raise ConfigurationError(f"there is no key {key_id!r} in force; nightreel api-key list shows them")
    typer.echo(f"{key_id} is revoked")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
