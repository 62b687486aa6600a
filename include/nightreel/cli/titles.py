"""`add`, `status` and `requeue`: titles in the catalog."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from nightreel.catalog import Catalog, TitleStatus
from nightreel.catalog.free_ids import consecutive_ids
from nightreel.cli import tables
from nightreel.cli.console import console
from nightreel.cli.deployment import current
from nightreel.cli.live import byte_progress
from nightreel.cli.pauses import told_pauses
from nightreel.deployment import Deployment
from nightreel.errors import ConfigurationError, TitleNotFound
from nightreel.sources.intake import require_videos, upload_source
from nightreel.text import one_line
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title

# Typer does not accept a list of literals, and mypy does not know computed members.
StateName = StrEnum("StateName", {state.upper(): state for state in get_args(State)})  # type: ignore[misc]
"""The states of a title, for `--state`."""

_NAMED = 20

Type = Annotated[str, typer.Argument(metavar="TYPE", help="Content type: movie, episode, …")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Content id, as in your table.")]


def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="The titles' files.")],
    content_type: Annotated[str, typer.Option("--type", help="Content type: movie, episode, …")],
    content_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Its id; several files get this id and the ones after it. Default: the next free one.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--title", help="The title's name. Default: the file's name.")
    ] = None,
) -> None:
    """Upload files to the bucket and enter them in the catalog.

    A file that is not a video is refused before anything is uploaded.

    A title that is already in the catalog gets the file as its new source.

      nightreel add film.mp4 --type movie --id 7 --title "The Film"

      nightreel add season1/*.mp4 --type episode
    """
    if name is not None and len(files) > 1:
        raise ConfigurationError("--title names one title: add the files one by one")
    place = current()
    require_videos(files, place.settings)
    catalog = place.catalog()
    catalog.mapping.table_of(content_type)
    if content_id is None:
        ids = catalog.titles.free_ids(content_type, len(files))
    else:
        ids = consecutive_ids(content_id, len(files))
    titles = [Title(content_type, each) for each in ids]
    for title, path in zip(titles, files, strict=True):
        _add_one(place, title, path, name)
    _advise(titles)


def _add_one(place: Deployment, title: Title, path: Path, name: str | None) -> None:

    catalog = place.catalog()
    known = next(iter(catalog.titles.status(title.content_type, title.content_id)), None)
    chosen = name or (known.title if known else "") or path.stem
    with byte_progress(path.name, path.stat().st_size) as sent:
        url = upload_source(place.bucket(), path, title, sent)
    catalog.titles.add(title, chosen, url)
    typer.echo(f"{'New source for' if known else 'Added'} {title}, {one_line(chosen)}: {url}")


def _advise(titles: list[Title]) -> None:
    typer.echo("Next: nightreel backlog --wait")
    if len(titles) == 1:
        (title,) = titles
        typer.echo(f"or, for this title alone: nightreel convert {title} --wait")


def status(
    content_type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Only this content type.")
    ] = None,
    content_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this title.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list of objects, for programs.")
    ] = False,
    states: Annotated[
        list[StateName] | None, typer.Option("--state", help="Only titles in this state; may be repeated.")
    ] = None,
) -> None:
    """Show each title's state, and where it plays or why it does not.

    nightreel status

    nightreel status movie 7 --json

    nightreel status --state failed --state quarantined
    """
    place = current()
    catalog = place.catalog()
    titles = catalog.titles.status(
        content_type,
        content_id,
        states=[each for each in get_args(State) if each in states] if states else None,
    )
    if not titles and content_type and content_id and not states:
        raise TitleNotFound(f"there is no {content_type} {content_id} in the catalog")
    paused = told_pauses(place)
    if as_json:
        typer.echo(tables.as_json(titles, paused))
    elif titles:
        console().print(tables.titles_table(titles))
    else:
        typer.echo(
            "No such titles." if states or content_type else "The catalog has no titles: nightreel add"
        )
    if not as_json and not states and content_id is None:
        _tell_orphans([orphan.title for orphan in catalog.orphans.found()])


def _tell_orphans(titles: list[Title]) -> None:
    """Reports the titles that keep playing although their rows are gone, as housekeeping found them."""
    if titles:
        named = ", ".join(map(str, titles[:_NAMED])) + (", …" if len(titles) > _NAMED else "")
        typer.echo(f"Published, but their rows are gone from the table: {named}")


def requeue(
    content_type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Content type: movie, episode, …")
    ] = None,
    content_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Content id, as in your table.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="All failed titles, or all of TYPE, instead of one title.")
    ] = False,
) -> None:
    """Put a quarantined or failed title back into the backlog, or all failed titles.

    Useful once its cause is gone: the next backlog tries it again, as often as a new one.

      nightreel requeue movie 7

      nightreel requeue --failed

      nightreel requeue movie --failed
    """
    catalog = current().catalog()
    if failed:
        _requeue_failed(catalog, content_type, content_id)
        return
    if content_type is None or content_id is None:
        raise ConfigurationError(
            "name a title, as in nightreel requeue movie 7, or nightreel requeue --failed for all that failed"
        )
    found = find_title(catalog.titles.status(content_type, content_id), Title(content_type, content_id))
    title = Title(found.content_type, found.content_id)
    if catalog.verdicts.requeue(title):
        typer.echo(f"{title} is in the backlog again. Next: nightreel backlog --wait")
    else:
        typer.echo(f"{title} is {found.state}: nothing to requeue")


def _requeue_failed(catalog: Catalog, content_type: str | None, content_id: str | None) -> None:
    if content_id is not None:
        raise ConfigurationError(
            "--failed requeues every failed title: leave out either the id or the option"
        )
    if content_type is not None:
        catalog.mapping.table_of(content_type)
    count = catalog.verdicts.requeue_failed(content_type)
    if count:
        titles = "1 title is" if count == 1 else f"{count} titles are"
        typer.echo(f"{titles} back in the backlog. Next: nightreel backlog --wait")
    else:
        typer.echo("No title has failed: nothing to requeue")


def find_title(found: list[TitleStatus], title: Title) -> TitleStatus:
    """The one title that was looked for. Raises TitleNotFound."""
    if not found:
        raise TitleNotFound(f"there is no {title} in the catalog: nightreel status lists all titles")
    return found[0]
