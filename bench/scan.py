"""How long a night's questions take in a long catalog: the scan and the claims first of all.

python -m bench.scan
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer
from psycopg2.extras import RealDictCursor

from bench.catalogs import Size, fill, temporary_server
from bench.console import stage
from bench.machine import Machine
from bench.scan_report import Answer, Found, Statement, as_json, tables
from nightreel.catalog import Catalog, CatalogMapping, LibraryQuery
from nightreel.cli.console import console
from nightreel.errors import NightreelError
from nightreel.media.programs.binaries import find_binaries
from nightreel.night.candidates import MOST_REFUSED, candidates, without_source
from nightreel.settings import Settings, load_settings
from nightreel.vocabulary.title import Title

_NIGHT = "bench"
_PAST_NIGHT = "scheduled__2021-06-01"
_LEASE = timedelta(minutes=15)
_FOREVER = timedelta(days=36_500)
_UNDO = (
    "DELETE FROM nightreel.attempts WHERE night = %s",
    "DELETE FROM nightreel.conversions WHERE owner = %s",
)
_SCAN = "scan: what is unconverted, and rows without a source"
_CLAIM = "claim: what begins at once"


class _Statements(list[Statement]):
    """What was sent to the server."""

    def connect(self, dsn: str) -> Any:
        """A connection whose statements are noted here."""
        return psycopg2.connect(dsn, connection_factory=self._connection())

    def _connection(self) -> type[psycopg2.extensions.connection]:
        noted = self

        class Cursor(RealDictCursor):
            def execute(self, query: Any, values: Any = None) -> None:
                began = time.perf_counter()
                super().execute(query, values)
                seconds = time.perf_counter() - began
                noted.append(Statement((self.query or b"").decode(errors="replace"), seconds))

        class Connection(psycopg2.extensions.connection):
            def cursor(self, *_: Any, **__: Any) -> Any:
                return super().cursor(cursor_factory=Cursor)

        return Connection


@dataclass(frozen=True)
class _Asker:
    """Asks a catalog, and undoes what an answer changed."""

    dsn: str
    catalog: Catalog
    statements: _Statements
    options: Settings

    @classmethod
    def of(cls, dsn: str, mapping: CatalogMapping, options: Settings) -> "_Asker":
        statements = _Statements()
        return cls(dsn, Catalog(lambda: statements.connect(dsn), mapping), statements, options)

    def answers(self, times: int) -> Mapping[str, list[Answer]]:
        """So many answers to each question, without a first one, which fills the caches."""
        tonight = [row.title for row in self._scan()][: self.options.backlog_max_titles]
        questions = self._questions(tonight)
        return {name: [self._answer(ask) for _ in range(times + 1)][1:] for name, ask in questions.items()}

    def _questions(self, tonight: list[Title]) -> dict[str, Callable[[], object]]:
        catalog, options = self.catalog, self.options
        at_once = tonight[: options.title_concurrency]
        return {
            _SCAN: self._scan,
            _CLAIM: lambda: catalog.claims.of_night(at_once, _NIGHT, _LEASE),
            "claim: the whole night at once": lambda: catalog.claims.of_night(tonight, _NIGHT, _LEASE),
            "scan, and what its task does with the rows": self._scan_task,
            "titles to be completed": lambda: catalog.backlog.incomplete(options.backlog_max_completions),
            "ids that no title can have": catalog.refused_rows.malformed_ids,
            "report: what a night came to": lambda: catalog.attempts.outcomes_of_night(_PAST_NIGHT),
            "report: what it published": lambda: catalog.attempts.published_by_night(_PAST_NIGHT),
            "forecast: past conversions": catalog.attempts.past_conversions,
            "status of the failed titles": lambda: catalog.titles.status(states=["failed"]),
            "status of 50 pending titles": lambda: catalog.titles.status(states=["pending"], limit=50),
            "library: counts by state": catalog.library.count_by_state,
            "library: a page": lambda: catalog.library.page(LibraryQuery()),
            "housekeeping: attempts to forget": lambda: catalog.attempts.forget(10, _FOREVER),
            "housekeeping: titles without rows": lambda: catalog.orphans.survey("movie", _NIGHT, 0.1, None),
        }

    def _scan(self) -> list[Any]:
        # The task of the scan keeps its connection, and begins with none.
        catalog = self.catalog.keeping_connections()
        found = catalog.backlog.unconverted(self.options.backlog_max_titles, self.options.max_source_bytes)
        return [*found, *catalog.refused_rows.without_source(MOST_REFUSED, self.options.max_source_bytes)]

    def _scan_task(self) -> list[Any]:
        catalog, options = self.catalog.keeping_connections(), self.options
        # No origin is asked for sizes.
        found = candidates(catalog, options.backlog_max_titles, options.max_source_bytes, list)
        return [*found, *without_source(catalog, options.max_source_bytes)]

    def _answer(self, ask: Callable[[], object]) -> Answer:
        self.statements.clear()
        began = time.perf_counter()
        ask()
        answer = Answer(time.perf_counter() - began, tuple(self.statements))
        with closing(psycopg2.connect(self.dsn)) as connection, connection, connection.cursor() as cursor:
            for statement in _UNDO:
                cursor.execute(statement, (_NIGHT,))
        return answer


def measure(size: Size, times: int) -> Found:
    """Measures on a separate database server, which is removed afterwards."""
    load, options = os.getloadavg()[0], load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    with temporary_server() as dsn:
        with stage(f"{size.titles:,} movies, their conversions and attempts"):
            plain, marked = fill(dsn, size)
        answers = {}
        for name, mapping in (("without marks", plain), ("with marks", marked)):
            with stage(name):
                answers[name] = _Asker.of(dsn, mapping, options).answers(times)
        with closing(psycopg2.connect(dsn)) as connection:
            server = f"PostgreSQL {connection.info.parameter_status('server_version')}"
    machine = Machine.here(load, binaries)
    return Found(machine, server, size.titles, size.new, answers, (_SCAN, _CLAIM))


def bench(
    titles: Annotated[int, typer.Option(min=1000, help="How many movies there are.")] = 1_000_000,
    new: Annotated[int, typer.Option(min=1, help="How many of them are new.")] = 10_000,
    times: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 9,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Measure what a night asks a long catalog, with and without marks in the user's table.

    Takes 4 GB of disk for a million movies. Leave the machine alone meanwhile: all of it is being timed.

      make bench CASE=scan

      python -m bench.scan --titles 20000 --new 200 --times 3
    """
    try:
        found = measure(Size(titles, new), times)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(tables(found))


if __name__ == "__main__":
    typer.run(bench)
