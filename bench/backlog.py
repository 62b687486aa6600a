"""A backlog through a whole night, against a shell loop of one FFmpeg over the same titles.

python -m bench.backlog
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer
from psycopg2.extras import RealDictCursor

from bench.backlog_report import Ended, Found, Night, as_json, tables
from bench.commands import one_process
from bench.console import say, stage
from bench.cost import Cost, run_in_sequence
from bench.machine import Machine
from bench.processors import cpu_by_program, since
from bench.set_up import set_up, temporary_home
from bench.sources import mixed_titles, short_clips
from bench.title_run import RunFailed, add, convert, new_run_id
from nightreel.cli.console import console
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.errors import NightreelError
from nightreel.local.home import Home
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.runs.airflow_api import AirflowClient, AirflowUnavailable
from nightreel.runs.dags import BACKLOG_DAG
from nightreel.settings import Settings, load_settings
from nightreel.vocabulary.title import Title

_LIMIT_SECONDS = 12 * 3600.0
_LOOK_SECONDS = 2.0
_SETTLE_SECONDS = 10.0
_WARM_UP = Title("movie", "999999")

_EQUAL: Mapping[str, str] = {
    "NIGHTREEL_FIRST_RELEASES": "false",
    "NIGHTREEL_COPY_PICTURES": "false",
}
"""What a night does beside the encoder's settings is what the loop does: it encodes everything, once."""


def measure(sources: list[Path], clips: int, own_only: bool, say: Callable[[str], None]) -> Found:
    """Measures on separate stacks, which are removed afterwards, even after an interrupt.

    `sources` empty: eight mixed titles, or so many `clips`. `own_only` leaves out the night with equal
    settings. Raises EncoderFailed, NoFilm, RunFailed or StackFailed.
    """
    load = os.getloadavg()[0]
    set_up(None)
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    with tempfile.TemporaryDirectory(prefix="nightreel-bench-") as above:
        folder = Path(above)
        titles = sources or (
            short_clips(clips, folder, binaries, say) if clips else mixed_titles(folder, binaries, say)
        )
        os.environ["NIGHTREEL_BACKLOG_MAX_TITLES"] = str(max(len(titles), options.backlog_max_titles))
        with stage("a shell loop of one FFmpeg"):
            loop = _loop(titles, options, folder, binaries)
        own = _night_of(titles, "Nightreel as it is", say)
        equal = None
        if not own_only:
            with _equal_settings(options, folder):
                equal = _night_of(titles, "with the loop's settings", say)
    return Found(Machine.here(load, binaries), loop, equal, own)


def _loop(titles: list[Path], options: Settings, folder: Path, binaries: Binaries) -> Cost:
    """One FFmpeg per title makes all its renditions at the ladder's rates, one title after the other."""
    ladder = load_ladder(options.ladder).model_copy(update={"quality": "fixed"})
    commands = []
    for number, source in enumerate(titles):
        made = folder / f"loop_{number}"
        made.mkdir()
        described = inspect(source, binaries, decode_check="off", damage_tolerance=1.0)
        commands.append(
            one_process(build_plan(described, ladder, PlanOptions()), source, made, binaries.ffmpeg)
        )
    return run_in_sequence(commands, Sandbox(reads=tuple(titles), writes=(folder,)))


@contextmanager
def _equal_settings(options: Settings, folder: Path) -> Iterator[None]:
    """Everything is encoded once, at the ladder's rates, for the length of a block."""
    ladder = folder / "ladder.yaml"
    ladder.write_text(options.ladder.read_text("utf-8").replace("quality: target", "quality: fixed"), "utf-8")
    before = dict(os.environ)
    os.environ |= {**_EQUAL, "NIGHTREEL_LADDER": str(ladder)}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _night_of(titles: list[Path], how: str, say: Callable[[str], None]) -> Night:
    """A night of these titles, on a stack of its own that has converted something already."""
    with every_ending_is_an_interrupt(), temporary_home() as home:
        stack = Stack(home, options=load_settings())
        with stack.running(say):
            place = embedded(stack)
            # Airflow does a lot once, at the first task after its start, that is no cost of any title.
            add(place, _WARM_UP, min(titles, key=lambda path: path.stat().st_size))
            convert(place, _WARM_UP)
            for number, path in enumerate(titles, 1):
                add(place, Title("movie", str(number)), path)
            time.sleep(_SETTLE_SECONDS)
            with stage(f"a night of {len(titles)} titles, {how}"):
                return _night(home, place, titles)


def _night(home: Home, place: Deployment, titles: list[Path]) -> Night:
    """From the night's start until all titles are complete."""
    run_id = new_run_id()
    before, began = cpu_by_program(home), time.time()
    with place.airflow() as airflow:
        airflow.trigger(BACKLOG_DAG, {}, run_id)
        while True:
            finished = _finished(airflow, run_id)
            ended = _complete(place, run_id, began)
            if len(ended) == len(titles):
                break
            if finished or time.time() - began > _LIMIT_SECONDS:
                raise RunFailed(f"{len(ended)} of {len(titles)} titles were complete in the end")
            time.sleep(_LOOK_SECONDS)
    return Night(tuple(ended), sum(since(before, cpu_by_program(home)).values()))


def _finished(airflow: AirflowClient, run_id: str) -> bool:
    with suppress(AirflowUnavailable):
        return airflow.run(BACKLOG_DAG, run_id).finished
    return False


def _complete(place: Deployment, night: str, began: float) -> list[Ended]:
    """The titles that are complete. Raises RunFailed when one was not published."""
    rows = _attempts(place, night)
    for row in rows:
        if row["outcome"] != "published":
            raise RunFailed(f"movie {row['content_id']} is {row['outcome']}: {row['reason']}")
    firsts = {row["content_id"]: row["ended"] - began for row in rows}
    return [
        Ended(
            row["content_id"],
            row["duration_seconds"],
            row["height"],
            firsts[row["content_id"]],
            row["ended"] - began,
        )
        for row in rows
        if row["complete"]
    ]


def _attempts(place: Deployment, night: str) -> list[dict[str, Any]]:
    """The attempts of a night that have ended, the latest first."""
    dsn = place.settings.catalog_dsn.get_secret_value()
    with (
        closing(psycopg2.connect(dsn, cursor_factory=RealDictCursor)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT content_id, outcome, reason, complete, duration_seconds,"
            " (SELECT max((each ->> 'height')::int) FROM jsonb_array_elements(plan -> 'video') each)"
            " AS height,"
            " extract(epoch FROM ended_at)::float8 AS ended"
            " FROM nightreel.attempts WHERE night = %s AND outcome IS NOT NULL ORDER BY ended_at DESC",
            (night,),
        )
        return [dict(row) for row in cursor.fetchall()]


def bench(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, help="Titles. [default: eight mixed ones]"),
    ] = None,
    clips: Annotated[int, typer.Option(min=0, help="Convert so many clips of 10 s in 480p instead.")] = 0,
    own_only: Annotated[
        bool, typer.Option("--own-only", help="Leave out the night with the loop's settings.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Convert a backlog in one night, and by a shell loop, and compare.

    Leave the machine alone meanwhile: all of it is being timed.

      make bench CASE=backlog

      python -m bench.backlog --clips 200 --own-only

      python -m bench.backlog long.mp4 short_1.mp4 short_2.mp4
    """
    try:
        found = measure(sources or [], clips, own_only, say)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(tables(found, clips > 0))


if __name__ == "__main__":
    typer.run(bench)
