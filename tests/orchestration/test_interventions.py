"""What people do to runs in Airflow's UI: clear them, mark them, delete them. No title stays stuck."""

from pathlib import Path
from typing import Any

import pytest

from nightreel.errors import EncoderFailed, WorkAreaFull
from nightreel.orchestration.conversion import fetch, transcode
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, run_dag


def reserved_by_a_night(installation: Installation, title: Title) -> dict[str, Any]:
    """What the night gives to the title's run."""
    (claim,) = installation.catalog.claims.of_night([title], "scheduled__night", installation.settings.lease)
    return {"content_type": title.content_type, "content_id": title.content_id, "claim": claim.token}


def run_of(conf: dict[str, Any], **options: Any) -> Run:
    return run_dag("convert_title", conf, **options)


def keep_house(installation: Installation) -> None:
    installation.query("UPDATE nightreel.conversions SET claimed_at = claimed_at - interval '1 hour'")
    run = run_dag("housekeeping", pretend="(?!expired_claims$).*")
    assert run.states["expired_claims"] == "success"


def test_a_failed_run_of_a_night_that_is_cleared_converts_its_title_under_a_claim_of_its_own(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(250, film)
    conf, encode = reserved_by_a_night(installation, title), transcode.encode

    def fails(*_: Any, **__: Any) -> Any:
        raise EncoderFailed("FFmpeg ended with exit code 1")

    monkeypatch.setattr(transcode, "encode", fails)
    failed = run_of(conf)
    assert installation.conversion(title)["state"] == "failed"
    monkeypatch.setattr(transcode, "encode", encode)
    again = run_of(conf, again=failed)
    assert (again.id, again.state) == (failed.id, "success")
    assert installation.conversion(title)["state"] == "published"
    assert again.xcom("claim")["token"] != conf["claim"]


def test_a_published_run_that_is_cleared_is_skipped(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, run = published
    before = installation.conversion(title)
    again = run_of({"content_type": title.content_type, "content_id": title.content_id}, again=run)
    assert (again.state, set(again.states.values())) == ("success", {"skipped"})
    assert installation.conversion(title) == before


@pytest.mark.parametrize(("number", "marked"), [(251, "claim"), (252, "fetch"), (253, "transcode")])
def test_a_task_that_is_marked_successful_without_its_work_leaves_no_title_stuck(
    installation: Installation, film: Path, number: int, marked: str
) -> None:
    title = installation.add_movie(number, film)
    run = run_of(reserved_by_a_night(installation, title), pretend=marked)
    assert run.state == "failed"
    keep_house(installation)
    conversion = installation.conversion(title)
    assert (conversion["claim_token"], conversion["hls_url"]) == (None, None)
    assert conversion["state"] in ("failed", "pending")
    assert list(installation.work_area.glob(f"movie.{number}.*")) == []


def test_a_title_that_failed_for_want_of_room_keeps_all_its_tries(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(254, film)

    def full(*_: Any, **__: Any) -> Any:
        raise WorkAreaFull("the work area has 1 MB left")

    monkeypatch.setattr(fetch, "fetch", full)
    run_of({"content_type": "movie", "content_id": "254"})
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("failed", "work_area_full")
    assert conversion["attempts"] == 0
