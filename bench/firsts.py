"""A night of real first releases: how many an hour, what each costs, and what a whole catalog would take.

python -m bench.firsts
"""

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer
from psycopg2.extras import RealDictCursor

from bench.console import say, stage
from bench.first_runs import first_release, idle_cpu, warm_stack
from bench.firsts_report import Ended, Found, NightCost, as_json, tables
from bench.machine import Machine
from bench.processors import cpu_by_program, since
from bench.set_up import set_up, temporary_home
from bench.sources import film, pieces
from bench.title_run import RunFailed, add, new_run_id, steps_of
from nightreel.cli.console import console
from nightreel.deployment import Deployment
from nightreel.errors import NightreelError
from nightreel.local.home import Home
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.media.programs.binaries import find_binaries
from nightreel.runs.airflow_api import AirflowUnavailable
from nightreel.runs.dags import BACKLOG_DAG
from nightreel.settings import load_settings
from nightreel.vocabulary.title import Title

_LIMIT_SECONDS = 12 * 3600.0
_LOOK_SECONDS = 2.0
_FIRST_TITLE = Title("movie", "999998")
_MIDDLE_TITLE = Title("movie", "999997")
_LONG_TITLE = Title("movie", "999999")


def measure(titles: int, piece_seconds: float, film_seconds: float, say: Callable[[str], None]) -> Found:
    """Measures on a separate stack, which is removed afterwards, even after an interrupt.

    First a third and the whole of the film by themselves, then a night of pieces of it. Raises
    EncoderFailed, NoFilm, RunFailed or StackFailed.
    """
    load = os.getloadavg()[0]
    set_up(None)
    options = load_settings()
    os.environ["NIGHTREEL_BACKLOG_MAX_TITLES"] = str(max(titles, options.backlog_max_titles))
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    whole = film(film_seconds, binaries.ffmpeg, say)
    with every_ending_is_an_interrupt(), temporary_home() as home:
        say(f"Cutting {titles} pieces")
        (third,) = pieces(whole, 1, film_seconds / 3, _folder(home, "third"), binaries)
        warm, *cut = pieces(whole, titles + 1, piece_seconds, _folder(home, "pieces"), binaries)
        with warm_stack(home, say, (_FIRST_TITLE, warm), copy=True) as place:
            with stage("a third of the film by itself"):
                middle = first_release(home, place, _MIDDLE_TITLE, third)
            with stage("the whole film by itself"):
                long = first_release(home, place, _LONG_TITLE, whole)
            say(f"Uploading {titles} pieces")
            for number, path in enumerate(cut, 1):
                add(place, Title("movie", str(number)), path)
            idle = idle_cpu(home)
            with stage(f"a night of {titles} first releases"):
                night = _night(home, place, titles)
        rate = whole.stat().st_size * 8 / long.run.plan.duration
    return Found(Machine.here(load, binaries), rate, middle, long, night, idle)


def _folder(home: Home, name: str) -> Path:
    folder = home.root.parent / name
    folder.mkdir()
    return folder


def _night(home: Home, place: Deployment, titles: int) -> NightCost:
    """From the night's start until all titles have ended; what it completes afterwards is not waited for."""
    run_id = new_run_id()
    before, began = cpu_by_program(home), time.time()
    with place.airflow() as airflow:
        airflow.trigger(BACKLOG_DAG, {}, run_id)
        while len(_attempts(place, run_id)) < titles:
            with suppress(AirflowUnavailable):
                if airflow.run(BACKLOG_DAG, run_id).finished:
                    raise RunFailed(f"the night ended before its {titles} titles")
            if time.time() - began > _LIMIT_SECONDS:
                raise RunFailed(f"{titles} titles took more than {_LIMIT_SECONDS:.0f} s")
            time.sleep(_LOOK_SECONDS)
    stack = since(before, cpu_by_program(home))
    ended = tuple(_ended(row) for row in _attempts(place, run_id))
    return NightCost(began, ended, stack)


def _attempts(place: Deployment, night: str) -> list[dict[str, Any]]:
    """The attempts of a night that have ended."""
    dsn = place.settings.catalog_dsn.get_secret_value()
    with (
        closing(psycopg2.connect(dsn, cursor_factory=RealDictCursor)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT content_id, outcome, reason, complete, timings, plan, duration_seconds,"
            " extract(epoch FROM ended_at)::float8 AS ended"
            " FROM nightreel.attempts WHERE night = %s AND outcome IS NOT NULL",
            (night,),
        )
        return [dict(row) for row in cursor.fetchall()]


def _ended(row: dict[str, Any]) -> Ended:
    """Raises RunFailed for a title whose picture was not copied into a first release."""
    copied = any(item.get("copied") for item in (row["plan"] or {}).get("video", ()))
    if row["outcome"] != "published" or row["complete"] or not copied:
        raise RunFailed(
            f"movie {row['content_id']} is {row['outcome']}, its picture "
            f"{'copied' if copied else 'not copied'}: {row['reason'] or 'see its plan'}"
        )
    return Ended(row["duration_seconds"], row["ended"], steps_of(row["timings"]))


def bench(
    titles: Annotated[int, typer.Option(min=1, help="How many titles the night has.")] = 200,
    piece: Annotated[float, typer.Option(min=4.0, help="Seconds of each, about.")] = 20.0,
    seconds: Annotated[float, typer.Option(min=12.0, help="Length of the film that is cut.")] = 300.0,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Make first releases of many titles in one night, and say what 50,000 of 45 minutes would take.

    Leave the machine alone meanwhile: all of it is being timed.

      make bench CASE=firsts

      python -m bench.firsts --titles 6 --seconds 60 --json firsts.json
    """
    try:
        found = measure(titles, piece, seconds, say)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(tables(found))


if __name__ == "__main__":
    typer.run(bench)
