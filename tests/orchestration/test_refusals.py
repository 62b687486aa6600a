"""Titles that cannot be converted: told so at once, in a sentence, and left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.vocabulary.title import Title
from tests.orchestration import sources
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert


@pytest.fixture
def refused(installation: Installation) -> Callable[[Title, str], Run]:
    """Converts a title, which must be refused by the task that is named, at its first try."""

    def run_of(title: Title, task_id: str) -> Run:
        run = convert(title)
        assert run.state == "failed"
        assert run.states[task_id] == "failed"
        assert run.tries(task_id) == 1
        assert run.states["cleanup"] == "success"
        conversion = installation.conversion(title)
        assert conversion["state"] == "quarantined"
        assert conversion["claim_token"] is None
        assert list(installation.work_area.glob(f"movie.{title.content_id}.*")) == []
        assert list(installation.bucket.list(f"hls/movies/{title.content_id}/")) == []
        assert installation.movie(title)["hls_url"] is None
        return run

    return run_of


def test_a_source_without_a_picture_is_quarantined_at_once(
    installation: Installation, refused: Callable[[Title, str], Run], tmp_path: Path
) -> None:
    title = installation.add_movie(30, sources.sound_only(tmp_path / "sound.mp4"))
    refused(title, "plan")
    conversion = installation.conversion(title)
    assert conversion["reason_code"] == "no_video"
    assert "no video track" in conversion["reason"]


def test_a_source_that_is_not_there_is_quarantined_at_once(
    installation: Installation, refused: Callable[[Title, str], Run]
) -> None:
    title = installation.add_movie(31, "sources/nowhere.mp4")
    refused(title, "fetch")
    conversion = installation.conversion(title)
    assert conversion["reason_code"] == "source_missing"
    assert "sources/nowhere.mp4" in conversion["reason"]


def test_a_source_on_a_host_that_nobody_allowed_is_not_asked_for(
    installation: Installation, refused: Callable[[Title, str], Run]
) -> None:
    title = installation.add_movie(32, "http://169.254.169.254/latest/meta-data.mp4")
    refused(title, "fetch")
    conversion = installation.conversion(title)
    assert conversion["reason_code"] == "host_not_allowed"
    assert "169.254.169.254" in conversion["reason"]
    assert "NIGHTREEL_ALLOWED_HOSTS" in conversion["reason"]


def test_a_quarantined_title_is_left_alone_until_it_is_forced(installation: Installation) -> None:
    title = installation.add_movie(33, "sources/nowhere.mp4")
    convert(title)
    verdict = installation.conversion(title)
    again = convert(title)
    assert (again.states["claim"], again.tries("claim")) == ("failed", 1)
    assert installation.conversion(title) == verdict
    assert convert(title, force=True).states["claim"] == "success"


def test_a_quarantined_title_is_converted_once_its_source_is_another(
    installation: Installation, film: Path
) -> None:
    title = installation.add_movie(35, "sources/nowhere.mp4")
    convert(title)
    installation.bucket.put_file(film, "sources/found.mp4", "video/mp4", "no-store")
    installation.query("UPDATE movies SET video_url = 'sources/found.mp4' WHERE id = 35")
    assert convert(title).state == "success"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["attempts"]) == ("published", 1)


def test_a_title_that_no_table_has_fails_at_once(installation: Installation) -> None:
    run = convert(Title("movie", "999999"))
    assert (run.state, run.states["claim"], run.tries("claim")) == ("failed", "failed", 1)


def test_a_title_that_another_run_owns_is_left_to_it(installation: Installation) -> None:
    title = installation.add_movie(34, "sources/34.mp4")
    installation.catalog.claims.one(title, "another run", installation.settings.lease)
    before = installation.conversion(title)
    run = convert(title)
    assert (run.state, run.states["claim"], run.tries("claim")) == ("failed", "failed", 1)
    assert installation.conversion(title) == before
