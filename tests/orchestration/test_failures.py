"""What a run leaves behind when it fails: a reason on the title, and nothing else."""

import shlex
import sys
from collections import deque
from pathlib import Path
from typing import Any

import psutil
import pytest
from airflow.sdk import DAG

from nightreel.errors import EncoderFailed, NightreelError, StorageUnavailable, WorkAreaFull
from nightreel.media.inspection import probe
from nightreel.media.programs import process
from nightreel.media.programs.binaries import find_binaries
from nightreel.orchestration.conversion import fetch, heartbeat
from nightreel.orchestration.conversion.failures import reason_code
from nightreel.settings import settings
from tests.orchestration.installation import Installation
from tests.orchestration.runs import convert, run_dag


@pytest.fixture
def broken_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real FFmpeg, given an option that it does not know."""
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(find_binaries().ffmpeg)} -no_such_option 1 "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("NIGHTREEL_FFMPEG", str(program))
    settings.cache_clear()


@pytest.fixture(autouse=True)
def fresh_settings() -> Any:
    yield
    settings.cache_clear()


def test_an_encode_that_fails_is_tried_again_and_its_last_words_are_kept(
    installation: Installation, film: Path, broken_ffmpeg: None
) -> None:
    title = installation.add_movie(40, film)
    run = convert(title)
    assert run.state == "failed"
    assert run.states["transcode"] == "failed"
    assert run.tries("transcode") == 2
    conversion = installation.conversion(title)
    assert conversion["state"] == "failed"
    assert conversion["reason_code"] == "encoder_failed"
    assert conversion["reason"].startswith("transcode: ")
    assert "no_such_option" in conversion["reason"]
    assert list(installation.work_area.glob("movie.40.*")) == []


def test_what_a_retry_cures_is_cured(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title, original = installation.add_movie(41, film), fetch.fetch

    def fails_once(*_: Any, **__: Any) -> Any:
        monkeypatch.setattr(fetch, "fetch", original)
        raise StorageUnavailable("the bucket answered 503")

    monkeypatch.setattr(fetch, "fetch", fails_once)
    run = convert(title)
    assert run.state == "success"
    assert run.tries("fetch") == 2
    assert installation.conversion(title)["attempts"] == 1
    assert installation.conversion(title)["reason"] is None


@pytest.mark.parametrize(
    ("number", "error", "attempts"),
    [(47, WorkAreaFull("the disk is full"), 0), (48, StorageUnavailable("the bucket answered 503"), 1)],
)
def test_a_fault_of_the_set_up_uses_up_none_of_the_titles_tries(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: NightreelError,
    attempts: int,
) -> None:
    title = installation.add_movie(number, f"sources/{number}.mp4")

    def fails(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(fetch, "fetch", fails)
    convert(title)
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["attempts"]) == ("failed", attempts)


def test_a_run_that_lost_its_title_writes_nothing_and_is_not_tried_again(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title, original = installation.add_movie(42, film), fetch.fetch
    theirs: dict[str, Any] = {}

    def taken_meanwhile(*arguments: Any, **named: Any) -> Any:
        installation.age_leases()
        installation.catalog.claims.one(title, "another run", installation.settings.lease)
        theirs.update(installation.conversion(title))
        return original(*arguments, **named)

    monkeypatch.setattr(fetch, "fetch", taken_meanwhile)
    run = convert(title)
    assert (run.state, run.states["fetch"], run.tries("fetch")) == ("failed", "failed", 1)
    assert theirs["owner"] == "another run"
    assert installation.conversion(title) == theirs
    assert list(installation.work_area.glob("movie.42.*")) == []


def test_a_lost_title_ends_the_program_that_works_on_it_whatever_the_step(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(45, film)
    programs: list[int] = []

    def reads_for_ever(*_: Any, **__: Any) -> Any:
        installation.age_leases()
        installation.catalog.claims.one(title, "another run", installation.settings.lease)
        command = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(3000)"]
        lines = process.lines(command, timeout_seconds=3000, stderr=deque())
        programs.extend(int(line) for line in lines)

    monkeypatch.setattr(heartbeat, "_HEARTBEAT_SECONDS", 1.0)
    monkeypatch.setattr(probe, "demux", reads_for_ever)
    run = convert(title)
    assert (run.state, run.states["plan"], run.tries("plan")) == ("failed", "failed", 1)
    (ended,) = programs
    assert not psutil.pid_exists(ended)
    assert installation.conversion(title)["owner"] == "another run"


def test_a_film_whose_row_would_refuse_its_urls_is_fetched_and_encoded_in_no_night(
    installation: Installation, film: Path
) -> None:
    title = installation.add_movie(46, film)
    installation.query(
        "CREATE FUNCTION refuse_this_row() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'not this film'; END $$;"
        "CREATE TRIGGER refuse_this BEFORE UPDATE ON movies FOR EACH ROW"
        " WHEN (new.id::text = '46') EXECUTE FUNCTION refuse_this_row()"
    )
    try:
        for _ in range(2):
            run = convert(title)
            assert (run.states["claim"], run.tries("claim")) == ("failed", 1)
            assert run.states["fetch"] == "upstream_failed"
            conversion = installation.conversion(title)
            assert (conversion["state"], conversion["attempts"]) == ("failed", 0)
            assert "movies refuses an update" in conversion["reason"]
            assert "not this film" in conversion["reason"]
    finally:
        installation.query("DROP TRIGGER refuse_this ON movies")
    assert convert(title).state == "success"


def untold(dag: DAG) -> None:
    """A run whose task is killed: nobody is told why it failed."""
    dag.task_dict["fetch"].on_failure_callback = ()


def test_a_claim_that_nobody_ended_is_ended_by_the_clean_up(installation: Installation) -> None:
    title = installation.add_movie(43, "sources/nowhere.mp4")
    run = run_dag("convert_title", {"content_type": "movie", "content_id": "43"}, change=untold)
    assert run.states["cleanup"] == "success"
    assert run.state == "failed"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("failed", "run_ended")
    assert run.id in conversion["reason"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(EncoderFailed("…"), "encoder_failed"), (OSError(28, "…"), "oserror"), (None, "unknown")],
)
def test_every_kind_of_failure_has_a_stable_code(error: BaseException | None, code: str) -> None:
    assert reason_code(error) == code


def test_a_long_complaint_is_cut(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    title = installation.add_movie(44, "sources/44.mp4")

    def complain(*_: Any, **__: Any) -> Any:
        raise RuntimeError("x" * 100_000)

    monkeypatch.setattr(fetch, "fetch", complain)
    convert(title)
    assert len(installation.conversion(title)["reason"]) == 2000
