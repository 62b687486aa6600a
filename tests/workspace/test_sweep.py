"""Which work areas are swept, and which are left alone."""

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightreel.one_by_one import NotAllDone
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from nightreel.workspace.locations import abort_in_areas, open_area, sweep_areas
from tests.workspace.conftest import OTHER_RELEASE, RELEASE, TITLE, Open

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


NOW = timedelta(seconds=-5)
"""An age that everything has reached, though the clock of the store may be a little off."""


def test_the_sweep_removes_only_runs_that_are_dead_and_old_enough(
    area_of: Open, location: str, client: "S3Client | None"
) -> None:
    for release in (RELEASE, OTHER_RELEASE):
        with area_of(release=release) as area, area.writing("source.mp4") as path:
            path.write_bytes(b".")

    def alive(title: Title, release: str) -> bool:
        return (title, release) == (TITLE, OTHER_RELEASE)

    assert sweep_areas(location, alive, timedelta(hours=1), client) == []
    assert sweep_areas(location, alive, NOW, client) == [f"movie/7/{RELEASE}"]
    assert not area_of().exists("source.mp4")
    assert area_of(release=OTHER_RELEASE).exists("source.mp4")
    assert sweep_areas(location, alive, NOW, client) == []


def test_the_sweep_leaves_alone_what_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "movie.7.latest").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    assert sweep_areas(str(tmp_path), lambda *_: False, NOW) == []
    assert len(list(tmp_path.iterdir())) == 3


def test_one_folder_that_cannot_be_removed_does_not_end_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for release in (RELEASE, OTHER_RELEASE):
        (tmp_path / f"movie.7.{release}").mkdir()
    remove = shutil.rmtree

    def refuse_the_first(path: Path, *rest: object, **named: object) -> None:
        if path.name.endswith(RELEASE):
            raise PermissionError(13, "Permission denied", str(path))
        remove(path, *rest, **named)

    monkeypatch.setattr(shutil, "rmtree", refuse_the_first)
    with pytest.raises(NotAllDone, match=f"movie/7/{RELEASE}: .*Permission denied"):
        sweep_areas(str(tmp_path), lambda *_: False, NOW)
    assert [path.name for path in tmp_path.iterdir()] == [f"movie.7.{RELEASE}"]


def test_of_a_work_area_in_a_bucket_only_the_uploads_of_dead_runs_are_aborted(
    bucket: Bucket, s3_client: "S3Client"
) -> None:
    keys = [
        f"work/movie.7.{RELEASE}/files/source.mp4",
        f"work/movie.7.{OTHER_RELEASE}/files/source.mp4",
        "work/other.tar",
        "other.tar",
    ]
    for key in keys:
        s3_client.create_multipart_upload(Bucket=bucket.name, Key=key)

    def alive(_: Title, release: str) -> bool:
        return release == OTHER_RELEASE

    for location in (f"s3://{bucket.name}/work", f"s3://{bucket.name}"):
        abort_in_areas(location, alive, NOW, s3_client)
    left = s3_client.list_multipart_uploads(Bucket=bucket.name)["Uploads"]
    assert sorted(upload["Key"] for upload in left) == sorted(keys[1:])


def test_a_sweep_of_an_area_that_does_not_exist_finds_nothing(tmp_path: Path) -> None:
    assert sweep_areas(str(tmp_path / "nowhere"), lambda *_: False, NOW) == []


def test_a_run_in_which_a_file_still_grows_is_not_swept(tmp_path: Path) -> None:
    area = open_area(str(tmp_path), TITLE, RELEASE)
    growing = area.scratch("renditions/720p.mp4")
    growing.write_bytes(b".")
    long_ago = time.time() - 86400
    for path in (growing.parent, growing.parent.parent):
        os.utime(path, (long_ago, long_ago))
    assert sweep_areas(str(tmp_path), lambda *_: False, timedelta(hours=1)) == []
