"""A title whose row names another address, at which the same film is."""

from pathlib import Path
from typing import Any

import pytest

from nightreel.catalog import Claim
from nightreel.catalog.verdicts import Verdicts
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert

KEPT = ("state", "release", "published_at", "hls_url", "dash_url", "poster_url", "warnings", "variants")


def move(installation: Installation, title: Title, film: Path, key: str) -> None:
    installation.bucket.put_file(film, key, "video/mp4", "no-store")
    installation.query("UPDATE movies SET video_url = %s WHERE id = %s", key, int(title.content_id))


def files(bucket: Bucket, title: Title) -> dict[str, str]:
    return {each.key: each.etag for each in bucket.list(f"hls/movies/{title.content_id}/")}


def kept(installation: Installation, title: Title) -> dict[str, Any]:
    conversion = installation.conversion(title)
    return {name: conversion[name] for name in KEPT}


def expect_unchanged(installation: Installation, title: Title, run: Run) -> None:
    assert run.state == "success"
    assert run.states == {
        "claim": "success",
        "fetch": "skipped",
        **dict.fromkeys(("plan", "transcode", "package", "validate", "upload", "publish"), "skipped"),
        "cleanup": "success",
        "notify": "success",
    }
    (attempt,) = installation.query("SELECT * FROM nightreel.attempts WHERE owner = %s", run.id)
    assert attempt["outcome"] == "unchanged"
    assert list(installation.work_area.glob(f"movie.{title.content_id}.*")) == []
    assert installation.query("SELECT FROM nightreel.events WHERE owner = %s", run.id) == []


@pytest.fixture(scope="module")
def title(installation: Installation, film: Path) -> Title:
    """A title that was converted."""
    converted = installation.add_movie(270, film)
    assert convert(converted).state == "success"
    return converted


def test_the_same_film_at_another_address_is_fetched_once_and_not_converted_again(
    installation: Installation, title: Title, film: Path
) -> None:
    before = kept(installation, title), installation.movie(title), files(installation.bucket, title)
    move(installation, title, film, "sources/moved.mp4")
    expect_unchanged(installation, title, convert(title))
    after = kept(installation, title), installation.movie(title), files(installation.bucket, title)
    assert after[0::2] == before[0::2]
    assert after[1]["hls_url"] == before[1]["hls_url"]
    assert set(convert(title).states.values()) == {"skipped"}


def test_a_run_that_was_stopped_after_that_verdict_goes_on_to_its_end(
    installation: Installation, title: Title, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(installation, title, film, "sources/moved-again.mp4")
    end = Verdicts.end_unchanged

    def stopped(self: Verdicts, claim: Claim) -> bool:
        monkeypatch.setattr(Verdicts, "end_unchanged", end)
        end(self, claim)
        raise TimeoutError

    monkeypatch.setattr(Verdicts, "end_unchanged", stopped)
    expect_unchanged(installation, title, convert(title))


def test_what_a_person_forces_is_converted_from_the_same_film(
    installation: Installation, title: Title, film: Path
) -> None:
    before = kept(installation, title)["release"]
    move(installation, title, film, "sources/moved-and-forced.mp4")
    run = convert(title, force=True, ladder=["240p"])
    assert (run.state, run.states["publish"]) == ("success", "success")
    assert kept(installation, title)["release"] > before
