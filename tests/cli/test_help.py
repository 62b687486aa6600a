"""The help: of all commands before any is imported, and of each."""

import subprocess
import sys

import pytest
from typer.core import TyperGroup

from nightreel.cli.commands import COMMANDS, ListedCommand
from tests.cli.conftest import Run

LISTED = pytest.mark.parametrize("listed", COMMANDS, ids=lambda listed: listed.name)

HELP = """
import sys
from nightreel.cli import app
app(["--help"], standalone_mode=False)
print("imported:", *sorted(set(sys.argv[1:]) & sys.modules.keys()))
"""


@LISTED
def test_a_command_is_listed_by_its_name_and_the_first_paragraph_of_its_own_help(
    listed: ListedCommand,
) -> None:
    command = listed.imported()
    assert command.name == listed.name
    assert " ".join(command.help.split("\n\n")[0].split()) == listed.summary


@LISTED
def test_the_help_of_each_command_shows_an_example(run: Run, listed: ListedCommand) -> None:
    command = listed.imported()
    names = [[each] for each in command.commands] if isinstance(command, TyperGroup) else [[]]
    for words in ([listed.name, *name] for name in names):
        told = run(*words, "--help").stdout.partition("Usage")[2].partition("\n")[2]
        assert f"nightreel {' '.join(words)}" in told


def test_help_lists_every_command(run: Run) -> None:
    told = run("--help").stdout
    assert all(f"│ {listed.name} " in told for listed in COMMANDS)


def test_help_imports_no_command_and_nothing_that_one_works_with() -> None:
    commands = {listed.place.partition(":")[0] for listed in COMMANDS}
    heavy = {"airflow", "boto3", "great_expectations", "httpx", "pandas", "psycopg2", "pydantic"}
    done = subprocess.run(
        [sys.executable, "-c", HELP, *commands, *heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "imported:"
