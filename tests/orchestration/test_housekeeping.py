"""What is aborted, deleted and swept; and what is left alone."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from nightreel.catalog.uploads import Announcement, Cut
from nightreel.orchestration import housekeeping
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.conversion.publish import publish_title
from nightreel.sources.intake import new_source_key
from nightreel.storage.client import client_from_settings
from nightreel.storage.multipart import UploadGone
from nightreel.vocabulary.layout import flat_prefix, release_prefix, title_prefix, track_prefix
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from nightreel.workspace.locations import open_area
from tests.orchestration.installation import Installation
from tests.orchestration.runs import keep_house, run_dag
from tests.orchestration.staged import Made, stage, task_of

Install = Callable[..., Installation]


@pytest.fixture
def replaced(install: Install, made: Made) -> Callable[[str], tuple[Installation, Title, str, str]]:
    """A title with a release that is superseded and one that is current; each has a key."""
    secret = Fernet.generate_key().decode()

    def make(grace: str) -> tuple[Installation, Title, str, str]:
        installation = install(NIGHTREEL_RELEASE_GRACE_SECONDS=grace, NIGHTREEL_KEY_SECRET=secret)
        catalog = open_catalog(installation.settings)
        title = installation.add_movie(1, "sources/1.mp4")
        first = stage(installation, title, made)
        catalog.content_keys.make(first.claim, "cbcs")
        with task_of(first.run_id):
            publish_title(first.ticket)
        second = stage(installation, title, made, force=True)
        catalog.content_keys.make(second.claim, "cbcs")
        with task_of(second.run_id):
            publish_title(second.ticket)
        return installation, title, first.claim.release, second.claim.release

    return make


def test_a_superseded_release_is_deleted_after_its_grace_and_the_current_one_never(
    replaced: Callable[[str], tuple[Installation, Title, str, str]],
) -> None:
    installation, title, old, current = replaced("0")
    whole = installation.files(title, current)
    assert installation.files(title, old)
    run = keep_house("superseded_releases")
    assert run.xcom("superseded_releases") == [f"movie 1/{old}"]
    assert installation.files(title, old) == {}
    assert installation.files(title, current) == whole
    assert keep_house("superseded_releases").xcom("superseded_releases") == []
    assert installation.files(title, current) == whole


def test_a_superseded_release_stays_for_the_viewers_in_the_middle_of_it(
    replaced: Callable[[str], tuple[Installation, Title, str, str]],
) -> None:
    installation, title, old, _ = replaced("3600")
    assert keep_house("superseded_releases").xcom("superseded_releases") == []
    assert installation.files(title, old)


def test_a_withdrawal_that_was_stopped_is_finished_without_any_grace(
    replaced: Callable[[str], tuple[Installation, Title, str, str]],
) -> None:
    installation, title, old, current = replaced("3600")
    catalog = open_catalog(installation.settings)
    assert catalog.withdrawals.withdraw(title) is None
    keep_house("superseded_releases")
    assert installation.files(title, old) == installation.files(title, current) == {}
    assert list(installation.bucket.list(title_prefix(title))) == []
    assert catalog.content_keys.find(title, current) is None


def test_a_content_key_goes_with_its_release(
    replaced: Callable[[str], tuple[Installation, Title, str, str]],
) -> None:
    installation, title, old, current = replaced("0")
    catalog = open_catalog(installation.settings)
    assert catalog.content_keys.find(title, old) is not None
    keep_house("superseded_releases")
    assert catalog.content_keys.find(title, old) is None
    assert catalog.content_keys.find(title, current) is not None


def test_a_superseded_release_keeps_its_content_key_through_its_grace(
    replaced: Callable[[str], tuple[Installation, Title, str, str]],
) -> None:
    installation, title, old, _ = replaced("3600")
    keep_house("superseded_releases")
    assert open_catalog(installation.settings).content_keys.find(title, old) is not None


def test_an_upload_that_nobody_goes_on_with_is_aborted_and_a_young_one_is_not(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    client, name = client_from_settings(installation.settings), installation.bucket.name
    client.create_multipart_upload(Bucket=name, Key="hls/movies/1/half.m4s")

    def begun() -> list[str]:
        return [upload["Key"] for upload in client.list_multipart_uploads(Bucket=name).get("Uploads", [])]

    assert keep_house("abandoned_uploads").xcom("abandoned_uploads") == 0
    assert begun() == ["hls/movies/1/half.m4s"]
    monkeypatch.setattr(housekeeping, "_ABANDONED_UPLOAD", timedelta(0))
    assert keep_house("abandoned_uploads").xcom("abandoned_uploads") == 1
    assert begun() == []


def test_what_other_applications_upload_to_the_bucket_is_theirs(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    client, name = client_from_settings(installation.settings), installation.bucket.name
    theirs = ["backups/other.tar", "hls-archive/1.mp4", "sources/movies/7/film.mp4", "sources/uploads.tar"]
    for key in (*theirs, "sources/uploads/0a1b.mp4"):
        client.create_multipart_upload(Bucket=name, Key=key)
    monkeypatch.setattr(housekeeping, "_ABANDONED_UPLOAD", timedelta(minutes=-1))
    assert keep_house("abandoned_uploads").xcom("abandoned_uploads") == 1
    begun = client.list_multipart_uploads(Bucket=name)["Uploads"]
    assert sorted(upload["Key"] for upload in begun) == theirs


def test_an_upload_in_chunks_goes_on_until_nothing_came_for_a_week(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    uploads = open_catalog(installation.settings).uploads
    begun = installation.bucket.begin_upload("sources/uploads/film", "video/mp4", "no-cache")
    said = Announcement("key one", "a" * 64, "The Film", "movie", None)
    upload = uploads.begin(said, Cut(1), begun.key, begun.upload_id)
    monkeypatch.setattr(housekeeping, "_ABANDONED_UPLOAD", timedelta(0))
    assert keep_house("abandoned_uploads").xcom("abandoned_uploads") == 0
    begun.put(1, b"all")
    installation.query("UPDATE nightreel.uploads SET updated_at = now() - interval '8 days' RETURNING 1")
    assert keep_house("abandoned_uploads").xcom("abandoned_uploads") == 1
    assert uploads.find(upload.run_id, upload.video_hash) is None
    with pytest.raises(UploadGone):
        begun.put(1, b"all")


def leave_files(installation: Installation, title: Title, release: str, age: timedelta) -> Path:
    """A run's work area in which nothing was written for so long."""
    with open_area(installation.settings.work_area, title, release) as area:
        with area.writing("source.mp4") as path:
            path.write_bytes(b"half a film")
        path = area.fetch("source.mp4")
    for each in (path, path.parent):
        then = each.stat().st_mtime - age.total_seconds()
        os.utime(each, (then, then))
    return path.parent


def test_the_work_area_is_swept_of_dead_runs_only(install: Install) -> None:
    installation = install()
    title = installation.add_movie(1, "sources/1.mp4")
    installation.catalog.claims.one(title, "a run at work", installation.settings.lease)
    dead = leave_files(installation, title, "20260101T000000-00000001", timedelta(hours=2))
    young = leave_files(installation, title, "20260101T000000-00000002", timedelta(minutes=5))
    own = installation.conversion(title)["claimed_release"]
    at_work = leave_files(installation, title, own, timedelta(hours=2))
    run = keep_house("work_area")
    assert run.xcom("work_area") == ["movie/1/20260101T000000-00000001"]
    assert (dead.exists(), young.exists(), at_work.exists()) == (False, True, True)


def test_how_far_a_run_was_is_forgotten_after_ninety_days(install: Install) -> None:
    installation = install()
    runs = open_catalog(installation.settings).runs
    for run_id, days in (("old", 91), ("young", 89)):
        runs.raise_percent(run_id, Title("movie", "1"), 100)
        installation.query(
            f"UPDATE nightreel.jobs SET created_at = now() - interval '{days} days'"
            f" WHERE job_id = '{run_id}' RETURNING 1"
        )
    assert keep_house("old_jobs").xcom("old_jobs") == 1
    assert installation.query("SELECT job_id FROM nightreel.jobs") == [{"job_id": "young"}]


def test_after_two_housekeepings_there_is_what_is_accounted_for_and_nothing_else(
    install: Install, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timedelta(minutes=-1)
    for period in (
        "_ABANDONED_UPLOAD",
        "_UNTOUCHED",
        "_FINISHED_UPLOAD",
        "_OLD_REPORT",
        "_OLD_HISTORY",
        "_OLD_RUN",
    ):
        monkeypatch.setattr(housekeeping, period, now)
    monkeypatch.setattr(housekeeping, "_KEPT_ATTEMPTS", 1)
    installation = install(
        NIGHTREEL_RELEASE_GRACE_SECONDS="0",
        NIGHTREEL_ORPHAN_GRACE_SECONDS="0",
        NIGHTREEL_UPLOAD_GRACE_SECONDS="0",
    )
    client = client_from_settings(installation.settings)
    bucket, options = installation.bucket, installation.settings
    catalog = open_catalog(options)

    def begun() -> set[str]:
        listed = client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])
        return {upload["Key"] for upload in listed}

    # What stays: a played title with its report, its source, and what other applications keep.
    source = new_source_key(".mp4")
    bucket.put_bytes(source, b".", "video/mp4", "no-cache")
    played = installation.add_movie(1, source)
    runs = []
    for number in range(2):
        runs.append(stage(installation, played, made, force=number > 0))
        with task_of(runs[-1].run_id):
            publish_title(runs[-1].ticket)
    theirs = {"backups/other.tar", "hls/readme.txt", "sources/movies/1/theirs.mp4"}
    for key in theirs:
        bucket.put_bytes(key, b".", "text/plain", "no-store")
    client.create_multipart_upload(Bucket=bucket.name, Key="backups/half.tar")
    old, current = (run.claim.release for run in runs)
    prefix = title_prefix(played)
    accounted = theirs | {source, f"{prefix}master.m3u8", f"{prefix}manifest.mpd"}
    accounted |= {item.key for item in installation.objects(played, current)}

    # What goes: one of each kind.
    orphan = installation.add_movie(2, "sources/2.mp4")
    gone = stage(installation, orphan, made)
    with task_of(gone.run_id):
        publish_title(gone.ticket)
    installation.query("DELETE FROM movies WHERE id = 2")
    forgotten = "20260101T000000-00000001"
    for key in (
        f"{release_prefix(played, forgotten)}master.m3u8",
        f"{track_prefix(played, track_id('360p', forgotten))}stream_360p_000.m4s",
        f"{flat_prefix(played, forgotten)}stream_360p_000.m4s",
        new_source_key(".mp4"),
    ):
        bucket.put_bytes(key, b".", "video/mp4", "no-cache")
    client.create_multipart_upload(Bucket=bucket.name, Key="hls/movies/1/half.m4s")
    for release in (old, forgotten):
        leave_files(installation, played, release, timedelta(0))
    reports = [options.reports / "movie" / "1" / each / "index.html" for each in (old, current, forgotten)]
    for report in reports:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text("a report")
    catalog.runs.raise_percent("a job", played, 100)
    said = Announcement("key one", None, "The Film", "movie", None)
    upload = catalog.uploads.begin(said, Cut(1), "sources/uploads/sent", "id")
    catalog.uploads.finish(upload, 1)

    for _ in range(2):
        assert run_dag("housekeeping").state == "success"

    assert {item.key for item in bucket.list("")} == accounted
    assert begun() == {"backups/half.tar"}
    assert [report.exists() for report in reports] == [False, True, False]
    assert [
        path for path in installation.work_area.rglob("*") if old in path.name or forgotten in path.name
    ] == []
    assert installation.query("SELECT release FROM nightreel.releases") == [{"release": current}]
    attempts = installation.query("SELECT content_id, release FROM nightreel.attempts ORDER BY content_id")
    assert [(each["content_id"], each["release"]) for each in attempts if each["content_id"] == "1"] == [
        ("1", current)
    ]
    for table in ("uploads", "upload_chunks", "jobs", "leftovers", "content_keys"):
        assert installation.query(f"SELECT * FROM nightreel.{table}") == [], table
    (row,) = installation.query("SELECT state, release FROM nightreel.conversions WHERE content_id = '1'")
    assert row == {"state": "published", "release": current}


def test_keeping_house_twice_is_harmless(install: Install) -> None:
    install()
    assert run_dag("housekeeping").state == "success"
    assert run_dag("housekeeping").state == "success"
