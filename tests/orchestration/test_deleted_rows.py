"""A row that the user deletes while its title is converted: nothing fails, and nothing is left."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightreel.orchestration.conversion import fetch, heartbeat, transcode, upload
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert, run_dag


def delete_row(installation: Installation, title: Title) -> None:
    installation.query("DELETE FROM movies WHERE id = %s", int(title.content_id))


def expect_nothing_left(installation: Installation, title: Title, run: Run) -> None:
    assert run.state == "success"
    assert set(run.states.values()) == {"success", "skipped"}
    assert run.states["publish"] == "skipped"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["claim_token"], conversion["attempts"]) == ("pending", None, 0)
    (attempt,) = installation.query("SELECT * FROM nightreel.attempts WHERE owner = %s", run.id)
    assert (attempt["outcome"], attempt["reason_code"]) == ("released", "row_deleted")
    assert list(installation.bucket.list(f"hls/movies/{title.content_id}/")) == []
    assert list(installation.work_area.glob(f"movie.{title.content_id}.*")) == []
    assert (
        installation.query("SELECT FROM nightreel.events WHERE owner = %s AND kind = 'failed'", run.id) == []
    )


def test_a_row_deleted_before_its_run_began_is_passed_over(installation: Installation) -> None:
    title = installation.add_movie(240, "sources/240.mp4")
    (claimed,) = installation.catalog.claims.of_night([title], "the night", installation.settings.lease)
    delete_row(installation, title)
    run = run_dag("convert_title", {"content_type": "movie", "content_id": "240", "claim": claimed.token})
    assert run.state == "success"
    assert run.states["claim"] == "skipped"
    assert installation.conversion(title)["claim_token"] is None
    (attempt,) = installation.catalog.attempts.outcomes([claimed.token])
    assert attempt.outcome == "released"


def after(module: object, name: str, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Lets something happen when this function has done its work for the first time."""
    original = getattr(module, name)

    def with_it(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(module, name, original)
        try:
            return original(*arguments, **options)
        finally:
            happens()

    monkeypatch.setattr(module, name, with_it)


@pytest.mark.parametrize(("number", "module", "name"), [(241, fetch, "fetch"), (242, upload, "upload_files")])
def test_a_row_deleted_between_two_steps_ends_the_run_and_leaves_no_file(
    installation: Installation,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    module: object,
    name: str,
) -> None:
    title = installation.add_movie(number, film)
    after(module, name, monkeypatch, lambda: delete_row(installation, title))
    expect_nothing_left(installation, title, convert(title))


def test_a_row_deleted_while_its_title_is_encoded_ends_the_encode(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(243, film)
    encode = transcode.encode
    encoded = []

    def deleted_at_the_start(*arguments: Any, **options: Any) -> Any:
        delete_row(installation, title)
        # By then the heartbeat has looked; the encode asks it all the while.
        time.sleep(1)
        encoded.append(encode(*arguments, **options))
        return encoded[-1]

    monkeypatch.setattr(heartbeat, "_HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(transcode, "encode", deleted_at_the_start)
    run = convert(title)
    expect_nothing_left(installation, title, run)
    assert run.states["transcode"] == "skipped"
    assert encoded == []


def test_a_title_that_was_never_there_is_refused(installation: Installation) -> None:
    run = convert(Title("movie", "249"))
    assert (run.state, run.states["claim"]) == ("failed", "failed")
