"""What a person sees when something is not as it must be."""

from pathlib import Path

import pytest

from nightreel.catalog import Catalog
from nightreel.cli.deployment import embedded
from nightreel.local.addresses import StackAddresses, StackRecord
from nightreel.local.home import Home
from nightreel.local.stack import Stack
from nightreel.vocabulary.title import Title
from tests.cli.conftest import Run, add


def test_without_a_catalog_or_a_stack_the_cure_is_named(run: Run) -> None:
    result = run("status")
    assert result.exit_code == 2
    assert result.stderr == (
        "nightreel: no catalog to work on: run make up, or set NIGHTREEL_CATALOG_DSN to your own in .env\n"
    )


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_SEGMENT_SECONDS", "60")
    result = run("status")
    assert result.exit_code == 2
    assert "NIGHTREEL_SEGMENT_SECONDS" in result.stderr


def test_a_database_that_is_away_is_one_line_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", "postgresql://someone:hunter2@127.0.0.1:1/films")
    result = run("status")
    assert result.exit_code == 1
    assert result.stderr.startswith("nightreel: the catalog database did not answer")
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.output


def test_a_conversion_needs_to_know_the_airflow(run: Run, catalog: Catalog) -> None:
    add(catalog, Title("movie", "1"))
    for arguments in (("backlog",), ("convert", "movie", "1")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "not set: NIGHTREEL_AIRFLOW_URL, NIGHTREEL_AIRFLOW_USERNAME" in result.stderr


def test_an_airflow_that_is_away_is_one_line_without_its_password(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_USERNAME", "someone")
    monkeypatch.setenv("NIGHTREEL_AIRFLOW_PASSWORD", "hunter2")
    result = run("backlog")
    assert result.exit_code == 1
    assert result.stderr == "nightreel: Airflow at http://127.0.0.1:1 does not answer (ConnectError)\n"


def test_a_title_that_is_not_there_starts_no_run(run: Run, catalog: Catalog) -> None:
    result = run("convert", "movie", "1")
    assert result.exit_code == 1
    assert "there is no movie 1" in result.stderr


def test_a_rendition_that_is_no_rung_is_named(run: Run, catalog: Catalog) -> None:
    add(catalog, Title("movie", "1"))
    result = run("convert", "movie", "1", "--ladder", "360p,721p")
    assert result.exit_code == 2
    assert "no rung 721p; the rungs are 240p" in result.stderr


def test_down_without_a_stack_is_harmless(run: Run) -> None:
    result = run("down")
    assert result.exit_code == 0
    assert result.stdout == "Nothing was running.\n"


def test_the_embedded_stack_prevails_over_the_bucket_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_BUCKET_NAME", "production")
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", "postgresql://production/films")
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.airflow.mkdir()
    StackRecord(
        addresses=StackAddresses(
            airflow_url="http://127.0.0.1:8080",
            username="admin",
            password="secret",
            airflow_dsn="postgresql:///airflow",
            catalog_dsn="postgresql:///nightreel",
            s3_endpoint="http://127.0.0.1:8333",
            bucket="nightreel",
            public_url="http://127.0.0.1:8333/nightreel",
        )
    ).write(home)
    place = embedded(Stack(home))
    assert place.settings.r2_bucket_name == "nightreel"
    assert place.settings.catalog_dsn.get_secret_value() == "postgresql:///nightreel"
    assert place.run_page("convert_title", "a:b") == ("http://127.0.0.1:8080/dags/convert_title/runs/a%3Ab")
