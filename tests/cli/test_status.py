import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from nightreel.catalog import Catalog
from nightreel.cli import pauses
from nightreel.cli.deployment import current
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import RESULT, Database
from tests.cli.conftest import Run, add, claim, publish, quarantine
from tests.web.airflow_server import AirflowServer, airflow_server

__all__ = ["airflow_server"]

ONE, TWO = Title("movie", "1"), Title("movie", "2")


def test_json_has_exactly_the_promised_keys(run: Run, catalog: Catalog) -> None:
    add(catalog, ONE)
    (title,) = json.loads(run("status", "--json").stdout)
    assert list(title) == [
        "content_type",
        "content_id",
        "title",
        "state",
        "reason",
        "hls_url",
        "dash_url",
        "poster_url",
        "duration_seconds",
        "variants",
        "files_uploaded",
        "bytes",
        "processing_seconds",
        "release",
        "complete",
        "attempts",
        "warnings",
        "encrypted",
        "paused_dags",
    ]
    assert title["paused_dags"] is None


def test_json_tells_what_was_published(run: Run, catalog: Catalog) -> None:
    publish(catalog, add(catalog, ONE, "Größe"))
    (title,) = json.loads(run("status", "movie", "1", "--json").stdout)
    assert title["title"] == "Größe"
    assert title["state"] == "published"
    assert title["hls_url"] == RESULT.hls_url
    assert title["variants"] == [
        {
            "quality": "360p",
            "resolution": "640x360",
            "bandwidth": 900_000,
            "codecs": "avc1.64001e,mp4a.40.2",
        }
    ]
    assert (title["bytes"], title["files_uploaded"], title["attempts"]) == (RESULT.bytes, 42, 1)


def test_json_of_an_empty_catalog_is_an_empty_list(run: Run, catalog: Catalog) -> None:
    assert json.loads(run("status", "--json").stdout) == []


def test_the_table_shows_each_title_in_one_unbroken_line(run: Run, catalog: Catalog) -> None:
    publish(catalog, add(catalog, ONE, "The first"))
    quarantine(catalog, add(catalog, TWO, "The second"), "The file ends early.")
    lines = run("status").stdout.splitlines()
    (first,) = [line for line in lines if "movie 1" in line]
    (second,) = [line for line in lines if "movie 2" in line]
    for told in ("The first", "published", "360p", "1:00", "123 GB", "0:12", RESULT.hls_url):
        assert told in first
    for told in ("The second", "quarantined", "The file ends early."):
        assert told in second


def test_a_first_release_is_told_to_people_and_to_programs(run: Run, catalog: Catalog) -> None:
    publish(catalog, add(catalog, ONE))
    with catalog.publications.holding(claim(catalog, add(catalog, TWO))) as publication:
        publication.complete(replace(RESULT, complete=False))
    told = {each["content_id"]: each["complete"] for each in json.loads(run("status", "--json").stdout)}
    assert told == {"1": True, "2": False}
    (line,) = [line for line in run("status").stdout.splitlines() if "first release" in line]
    assert "movie 2" in line


def test_an_encrypted_title_is_told_from_one_in_the_clear(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", Fernet.generate_key().decode())
    publish(catalog, add(catalog, ONE))
    held = claim(catalog, add(catalog, TWO))
    current().catalog().content_keys.make(held, "cbcs")
    with catalog.publications.holding(held) as publication:
        publication.complete(RESULT)
    told = {each["content_id"]: each["encrypted"] for each in json.loads(run("status", "--json").stdout)}
    assert told == {"1": False, "2": True}
    (line,) = [line for line in run("status").stdout.splitlines() if "encrypted" in line]
    assert "movie 2" in line


def test_what_an_owner_wrote_is_not_taken_for_markup(run: Run, catalog: Catalog) -> None:
    add(catalog, ONE, "[bold]The[/bold] [/red] film")
    result = run("status")
    assert result.exit_code == 0
    assert "[bold]The[/bold] [/red] film" in result.stdout


def test_states_can_be_chosen(run: Run, catalog: Catalog) -> None:
    quarantine(catalog, add(catalog, ONE))
    claim(catalog, add(catalog, TWO))
    add(catalog, Title("episode", "3"))
    titles = json.loads(run("status", "--json", "--state", "quarantined", "--state", "claimed").stdout)
    assert [each["content_id"] for each in titles] == ["1", "2"]


def test_a_title_that_is_not_there_is_an_error(run: Run, catalog: Catalog) -> None:
    result = run("status", "movie", "1")
    assert result.exit_code == 1
    assert result.stderr == "nightreel: there is no movie 1 in the catalog\n"


def test_requeue_puts_a_quarantined_title_back_into_the_backlog(run: Run, catalog: Catalog) -> None:
    quarantine(catalog, add(catalog, ONE))
    assert catalog.backlog.unconverted(10) == []
    result = run("requeue", "movie", "1")
    assert "movie 1 is in the backlog again" in result.stdout
    assert [row.content_id for row in catalog.backlog.unconverted(10)] == ["1"]


def test_an_id_is_read_as_the_database_reads_it(run: Run, catalog: Catalog) -> None:
    quarantine(catalog, add(catalog, ONE))
    assert json.loads(run("status", "movie", "001", "--json").stdout)[0]["content_id"] == "1"
    assert "movie 1 is in the backlog again" in run("requeue", "movie", "001").stdout


def test_requeue_leaves_a_published_title_alone(run: Run, catalog: Catalog) -> None:
    publish(catalog, add(catalog, ONE))
    result = run("requeue", "movie", "1")
    assert "movie 1 is published: nothing to requeue" in result.stdout
    assert catalog.backlog.unconverted(10) == []


def test_requeue_puts_all_failed_titles_back_into_the_backlog(run: Run, catalog: Catalog) -> None:
    episode = Title("episode", "3")
    for title in (ONE, TWO, episode):
        add(catalog, title)
        for _ in range(5):
            catalog.verdicts.fail(claim(catalog, title), "encoder", "It broke.")
    quarantine(catalog, add(catalog, Title("movie", "4")))
    assert catalog.backlog.unconverted(10) == []
    assert "1 title is back in the backlog" in run("requeue", "episode", "--failed").stdout
    assert "2 titles are back in the backlog" in run("requeue", "--failed").stdout
    assert "nothing to requeue" in run("requeue", "--failed").stdout
    assert {row.title for row in catalog.backlog.unconverted(10)} == {ONE, TWO, episode}
    assert claim(catalog, ONE).attempt == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "--failed"), (("movie",), "--failed"), (("movie", "1", "--failed"), "leave out either the id")],
)
def test_requeue_says_how_it_is_asked(
    run: Run, catalog: Catalog, arguments: tuple[str, ...], said: str
) -> None:
    result = run("requeue", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_requeue_of_a_title_that_is_not_there_is_an_error(run: Run, catalog: Catalog) -> None:
    result = run("requeue", "movie", "1")
    assert result.exit_code == 1
    assert "there is no movie 1" in result.stderr


def test_what_plays_without_a_row_is_told_below_the_table(
    run: Run, catalog: Catalog, database: Database
) -> None:
    for title in (ONE, TWO):
        publish(catalog, add(catalog, title))
    database.query("DELETE FROM movies WHERE id = 1")
    catalog.orphans.survey("movie", "the house", 1.0, None)
    assert "Published, but their rows are gone from the table: movie 1\n" in run("status").stdout
    assert [each["content_id"] for each in json.loads(run("status", "--json").stdout)] == ["2"]


def test_a_paused_dag_is_told_to_people_and_to_programs(
    run: Run, catalog: Catalog, airflow_server: AirflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalog, ONE)
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_URL", airflow_server.url)
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_USERNAME", "admin")
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_PASSWORD", airflow_server.passwords["admin"])
    assert json.loads(run("status", "--json").stdout)[0]["paused_dags"] == []
    with airflow_server.client() as airflow:
        for dag_id in WHILE_PAUSED:
            airflow.pause(dag_id, True)
        try:
            people, programs = run("status"), run("status", "--json")
        finally:
            for dag_id in WHILE_PAUSED:
                airflow.pause(dag_id, False)
    assert people.stderr.splitlines() == [
        f"{dag_id} is paused in Airflow: {not_done} until it is resumed."
        for dag_id, not_done in WHILE_PAUSED.items()
    ]
    assert json.loads(programs.stdout)[0]["paused_dags"] == list(WHILE_PAUSED)


def silent(connection: socket.socket) -> None:
    """Accepts, and says nothing."""


def a_proxy(connection: socket.socket) -> None:
    """Answers everything, and has no Airflow behind it."""
    connection.recv(65536)
    page = b"<p>Welcome to the proxy"
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
    connection.close()


@pytest.mark.parametrize("answer", [None, silent, a_proxy])
def test_titles_are_told_whatever_becomes_of_airflow(
    run: Run,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[socket.socket], None] | None,
) -> None:
    add(catalog, ONE)
    monkeypatch.setattr(pauses, "_PATIENCE_SECONDS", 0.3)
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_USERNAME", "admin")
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_PASSWORD", "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("NIGHTREEL_AIRFLOW_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        if answer is None:
            server.close()
            told = run("status", "--json")
        else:
            with ThreadPoolExecutor() as threads:
                heard = threads.submit(lambda: server.accept()[0])
                threads.submit(lambda: answer(heard.result()))
                told = run("status", "--json")
                heard.result().close()
    assert (told.exit_code, json.loads(told.stdout)[0]["paused_dags"]) == (0, None)
    assert told.stderr.startswith("Whether DAGs are paused is not known: Airflow at ")
