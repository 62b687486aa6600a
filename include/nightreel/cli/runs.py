"""`backlog` and `convert`: start runs and follow them to their end."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Annotated

import typer

from nightreel.cli.console import console
from nightreel.cli.deployment import current
from nightreel.cli.following import FollowedNight, FollowedTitle, follow
from nightreel.cli.live import run_view
from nightreel.cli.progress import RunProgress, TitleProgress
from nightreel.cli.tables import titles_table
from nightreel.cli.titles import Id, Type, find_title
from nightreel.deployment import Deployment
from nightreel.errors import ConfigurationError
from nightreel.media.planning.ladder import load_ladder
from nightreel.runs.airflow_api import AirflowClient
from nightreel.runs.dags import BACKLOG_DAG, CONVERT_DAG
from nightreel.runs.request import ConversionRequest
from nightreel.runs.steps import Step
from nightreel.settings import Settings
from nightreel.vocabulary.title import Title

Wait = Annotated[bool, typer.Option("--wait", help="Show the progress, and return when it has ended.")]

# Much longer than a night: an older unfinished run does not matter.
_EARLIER = timedelta(days=3)


def backlog(
    wait: Wait = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --wait: one JSON object per line whenever something changes.")
    ] = False,
) -> None:
    """Convert everything in the catalog that is not converted yet, as each night does.

    With --wait it ends with a table of the titles, and exits 1 if one of them failed.

      nightreel backlog --wait

      nightreel backlog --wait --json
    """
    if as_json and not wait:
        raise ConfigurationError("--json shows the progress of a run while waiting for it: add --wait")
    place = current()
    with place.airflow() as airflow:
        if not wait:
            _tell_page(place, *_trigger_backlog(airflow))
            return
        titles, succeeded = run_backlog(place, airflow, as_json=as_json)
    if titles and not as_json:
        _print_titles(titles)
    elif succeeded and not as_json:
        typer.echo("Nothing to convert: no title is new or changed.")
    if not succeeded:
        raise typer.Exit(1)


def convert(
    content_type: Type,
    content_id: Id,
    wait: Wait = False,
    force: Annotated[bool, typer.Option("--force", help="Even if it is published or quarantined.")] = False,
    ladder: Annotated[
        str, typer.Option("--ladder", help="Only these renditions, as in 360p,720p. Default: all that fit.")
    ] = "",
    first: Annotated[
        bool,
        typer.Option(
            "--first",
            help="Only what plays soonest: one rendition, with the sounds and subtitles. A night, or a "
            "conversion without it, adds the others.",
        ),
    ] = False,
    encrypt: Annotated[
        bool | None,
        typer.Option(
            "--encrypt/--no-encrypt",
            help="Applies to later conversions of the title too. Without it, as chosen before, "
            "as its row says, or as NIGHTREEL_ENCRYPT says.",
        ),
    ] = None,
) -> None:
    """Convert one title.

    With --wait it exits 1 unless the title ends published.

      nightreel convert movie 7 --wait

      nightreel convert movie 7 --force --ladder 360p,720p

      nightreel convert movie 7 --first --wait

      nightreel convert movie 7 --encrypt
    """
    place = current()
    before = find_title(
        place.catalog().titles.status(content_type, content_id), Title(content_type, content_id)
    )
    title = Title(before.content_type, before.content_id)
    request = ConversionRequest(
        title, force=force, first=first, ladder=_rungs(ladder, place.settings), encrypt=encrypt
    )
    with place.airflow() as airflow:
        run_id = f"manual__{_stamp()}__{title.content_type}_{title.content_id}"
        airflow.trigger(CONVERT_DAG, request.conf(), run_id)
        if not wait:
            _tell_page(place, CONVERT_DAG, run_id)
        elif not _follow_conversion(place, airflow, run_id, before.release):
            raise typer.Exit(1)


def run_backlog(
    place: Deployment, airflow: AirflowClient, *, as_json: bool = False
) -> tuple[list[TitleProgress], bool]:
    """Runs the backlog and shows it; returns its titles, and whether none failed.

    If a backlog is already running, it is followed first, because the new one waits for it.
    """
    earlier = [
        run for run in airflow.runs(BACKLOG_DAG, since=datetime.now(UTC) - _EARLIER) if not run.finished
    ]
    _, ours = _trigger_backlog(airflow)
    titles: list[TitleProgress] = []
    succeeded = True
    for run_id in [*(run.dag_run_id for run in reversed(earlier)), ours]:
        if run_id != ours:
            typer.echo(f"{run_id} is already running; the new run begins after it.", err=as_json)
        ended = _follow(FollowedNight(airflow, place.catalog(), run_id).look, as_json=as_json)
        titles += ended.titles
        succeeded &= _explain(place, ended)
    return titles, succeeded


def _trigger_backlog(airflow: AirflowClient) -> tuple[str, str]:

    return BACKLOG_DAG, airflow.trigger(BACKLOG_DAG, {}, f"manual__{_stamp()}")


def _follow_conversion(place: Deployment, airflow: AirflowClient, run_id: str, release: str | None) -> bool:
    """Shows one title's run; returns whether the title was published. `release` is the one before."""
    ended = _follow(FollowedTitle(airflow, place.catalog(), run_id).look)
    succeeded = _explain(place, ended)
    _print_titles(ended.titles)
    verdicts = [each.verdict for each in ended.titles if each.verdict]
    incomplete = any(each.complete is False for each in verdicts)
    if succeeded and release and [each.release for each in verdicts] == [release]:
        cure = "Without --first it gets the other renditions." if incomplete else "--force converts it again."
        typer.echo(f"Nothing was converted: its source has not changed. {cure}")
    elif succeeded and incomplete:
        typer.echo(
            "It plays; the next night adds the other renditions, or nightreel convert without --first."
        )
    return succeeded and [each.state for each in verdicts] == ["published"]


def _follow(look: Callable[[], RunProgress], *, as_json: bool = False) -> RunProgress:

    with run_view(console(), as_json=as_json) as show:
        return follow(look, show)


def _explain(place: Deployment, ended: RunProgress) -> bool:
    """Returns whether the run succeeded and no title failed; otherwise says where to look."""
    failed = [title for title in ended.titles if title.verdict is None or title.verdict.state == "failed"]
    if ended.state == "success" and not failed:
        return True
    for title in ended.titles:
        if title.failed_step == Step.CLAIM:
            _explain_refusal(title)
    typer.echo(f"See {place.run_page(ended.dag_id, ended.run_id)}", err=True)
    return False


def _explain_refusal(title: TitleProgress) -> None:
    state = title.verdict.state if title.verdict else ""
    cure = {
        "claimed": "another run is converting it; wait for that one",
        "quarantined": "it is quarantined; convert it with --force, or requeue it with nightreel requeue",
    }.get(state, "the task's log says why")
    typer.echo(f"{title.title} could not be claimed: {cure}", err=True)


def _print_titles(titles: Sequence[TitleProgress]) -> None:

    latest = {title.title: title.verdict for title in titles if title.verdict is not None}
    console().print(titles_table(list(latest.values())))


def _tell_page(place: Deployment, dag_id: str, run_id: str) -> None:
    typer.echo(f"Started {dag_id}: {place.run_page(dag_id, run_id)}")
    typer.echo("Next: nightreel status")


def _rungs(names: str, options: Settings) -> tuple[str, ...]:
    """The rungs named in `360p,720p`. Raises ConfigurationError for a name that is no rung of the ladder."""
    rungs = tuple(name.strip() for name in names.split(",") if name.strip())
    if rungs:
        load_ladder(options.ladder).only(rungs)
    return rungs


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}_{token_hex(2)}"
