"""`up` and `down`: the embedded stack."""

from typing import Annotated

import typer

from nightreel.cli.deployment import embedded
from nightreel.errors import NightreelError
from nightreel.local.addresses import StackAddresses
from nightreel.local.stack import Stack


def up(
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay in the foreground; Ctrl-C stops the stack.")
    ] = False,
) -> None:
    """Start PostgreSQL, an S3 server and Airflow on this machine, and print their addresses.

    Safe to run when they are running already. Their data is in .nightreel/ and survives a restart.

      nightreel up

      nightreel up --foreground
    """
    stack = Stack()
    if not foreground:
        print_addresses(stack, stack.up(say))
        return
    try:
        with stack.running(say) as addresses:
            print_addresses(stack, addresses)
            typer.echo("Ctrl-C stops it.")
            stack.follow()
    except KeyboardInterrupt:
        typer.echo("Stopped.")


def down() -> None:
    """Stop this machine's stack, whatever state it is in. Its data is kept.

    nightreel down
    """
    typer.echo("Stopped." if Stack().down(say) else "Nothing was running.")


def say(step: str) -> None:
    """A `Report` for the commands: a line when something begins."""
    typer.echo(f"{step} …")


def print_addresses(stack: Stack, addresses: StackAddresses) -> None:
    """Prints the addresses to open next: Airflow, and the streams that play."""
    typer.echo(f"Airflow  {addresses.airflow_url}   user {addresses.username}, password {addresses.password}")
    typer.echo(f"Web      {addresses.web_url}   sign in with the key {addresses.web_key}")
    typer.echo(f"Bucket   {addresses.public_url}")
    streams = _streams(stack)
    for line in streams:
        typer.echo(line)
    if not streams:
        typer.echo("No streams yet: nightreel demo --keep, or nightreel add FILE --type movie")


def _streams(stack: Stack) -> list[str]:

    try:
        published = embedded(stack).catalog().titles.status(states=["published"])
    except NightreelError as error:
        # The stack is up, so its addresses are printed in any case.
        return [f"The streams cannot be listed: {error}"]
    return [f"{each.content_type} {each.content_id}  {each.title}  {each.hls_url}" for each in published]
