"""What the triggerer does when a run missed its deadline."""

import asyncio
from typing import Any

import pytest

from nightreel.catalog import Claim
from nightreel.orchestration.tasks import record_miss
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation


def miss(dag_run: Any) -> None:
    """As Airflow calls it: with the run and the deadline, and nothing else."""
    asyncio.run(record_miss(context={"dag_run": dag_run, "deadline": {}}))


def claimed(installation: Installation, content_id: int, run_id: str) -> tuple[Title, Claim]:
    title = installation.add_movie(content_id, f"sources/{content_id}.mp4")
    claim = installation.catalog.claims.one(title, run_id, installation.settings.lease)
    assert isinstance(claim, Claim)
    return title, claim


def test_a_miss_is_recorded_on_the_title_in_work_and_on_no_other(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    late, _ = claimed(installation, 60, "manual__late")
    in_time, _ = claimed(installation, 61, "manual__in_time")
    with caplog.at_level("WARNING"):
        miss({"dag_run_id": "manual__late"})
    assert installation.conversion(late)["deadline_missed_at"] is not None
    assert installation.conversion(late)["state"] == "claimed"
    assert installation.conversion(in_time)["deadline_missed_at"] is None
    assert "manual__late missed its deadline; titles in progress or waiting: movie 60" in caplog.text


def test_a_miss_of_a_night_is_recorded_on_the_titles_whose_runs_have_not_begun(
    installation: Installation,
) -> None:
    waiting, _ = claimed(installation, 62, "scheduled__night")
    begun, claim = claimed(installation, 63, "scheduled__night")
    installation.catalog.leases.adopt(
        begun, claim.token, "backlog__night__movie_63", installation.settings.lease
    )
    miss({"dag_run_id": "scheduled__night"})
    assert installation.conversion(waiting)["deadline_missed_at"] is not None
    # Its own run has a deadline of its own.
    assert installation.conversion(begun)["deadline_missed_at"] is None


def test_a_run_that_owns_nothing_is_only_logged(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        miss({"dag_run_id": "manual__idle"})
    assert "manual__idle missed its deadline; titles in progress or waiting: none" in caplog.text


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({"content_type": "movie", "content_id": "65"}, "movie 65"),
        ({"content_type": "movie", "content_id": "../65"}, "none"),
        ({"content_type": "movie"}, "none"),
        ({}, "none"),
        (None, "none"),
    ],
)
def test_a_run_that_waits_is_told_with_its_title(
    installation: Installation, caplog: pytest.LogCaptureFixture, conf: Any, told: str
) -> None:
    with caplog.at_level("WARNING"):
        miss({"dag_run_id": "manual__waits", "conf": conf})
    assert caplog.text.rstrip().endswith(f"in progress or waiting: {told}")


def test_the_next_attempt_starts_without_the_miss(installation: Installation) -> None:
    title, claim = claimed(installation, 64, "manual__slow")
    miss({"dag_run_id": "manual__slow"})
    installation.catalog.verdicts.fail(claim, "slow", "it took too long")
    installation.catalog.claims.one(title, "manual__again", installation.settings.lease)
    assert installation.conversion(title)["deadline_missed_at"] is None
