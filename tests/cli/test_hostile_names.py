"""Names and reasons on a terminal: a line each, no markup, and nothing that moves the cursor."""

import json
from pathlib import Path

from nightreel.catalog import Catalog
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.cli.conftest import FTYP, Run, add, quarantine

NAME = "[red]two[/red]\r\nlines \x1b[2J\u202e" + "x" * 5000
REASON = "begins with [bold]this[/bold]\n\x1b]0;owned\x07"
ONE, TWO = Title("movie", "1"), Title("movie", "2")


def test_a_title_is_a_line_whatever_its_name_and_its_reason(run: Run, catalog: Catalog) -> None:
    quarantine(catalog, add(catalog, ONE, NAME), REASON)
    add(catalog, TWO, "")
    lines = run("status").stdout.splitlines()
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert "[red]two[/red] lines [2J" in lines[1]
    assert "begins with [bold]this[/bold]" in lines[1]
    assert lines[2].startswith("movie 2")


def test_programs_are_told_the_name_as_it_is(run: Run, catalog: Catalog) -> None:
    add(catalog, ONE, NAME)
    (title,) = json.loads(run("status", "--json").stdout)
    assert title["title"] == NAME


def test_a_file_may_be_called_what_it_likes(
    run: Run, catalog: Catalog, files_bucket: Bucket, tmp_path: Path
) -> None:
    film = tmp_path / "[red]a\nb[bold] {{ 7 * 7 }}.mp4"
    film.write_bytes(FTYP)
    said = run("add", str(film), "--type", "movie").stdout.splitlines()
    assert said[0].startswith("Added movie 1, [red]a b[bold] {{ 7 * 7 }}: ")
    assert [each.title for each in catalog.titles.status()] == [film.stem]
