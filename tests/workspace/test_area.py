import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightreel.errors import ConfigurationError, WorkAreaFull
from nightreel.storage.bucket import Bucket
from nightreel.storage.scratch import ScratchFolder
from nightreel.vocabulary.title import Title
from nightreel.workspace.area import WorkArea, WorkAreaLost
from nightreel.workspace.locations import open_area
from nightreel.workspace.names import parse_run_key, run_key
from tests.workspace.conftest import OTHER_RELEASE, RELEASE, TITLE, Open

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def write_half(area: WorkArea, name: str) -> None:
    with area.writing(name) as path:
        path.write_bytes(b"half")
        raise RuntimeError


def left_on_the_machine(tmp_path: Path) -> list[Path]:
    return [path for place in ("temporary", "work") for path in (tmp_path / place).rglob("*")]


def test_a_later_task_fetches_the_file_that_an_earlier_one_kept(area_of: Open) -> None:
    with area_of() as earlier, earlier.writing("renditions/720p.mp4") as path:
        path.write_bytes(b"picture")
    with area_of() as later:
        fetched = later.fetch("renditions/720p.mp4")
        assert fetched.read_bytes() == b"picture"
        assert fetched.name == "720p.mp4"


def test_a_later_task_fetches_the_tree_that_an_earlier_one_kept(area_of: Open) -> None:
    with area_of() as earlier:
        folder = earlier.scratch("release")
        (folder / "deep").mkdir(parents=True)
        (folder / "one.m4s").write_bytes(b"1")
        (folder / "deep" / "two.m4s").write_bytes(b"")
        earlier.keep("release")
    with area_of() as later:
        tree = later.fetch("release")
        found = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
        assert found == {"one.m4s", "deep/two.m4s"}
        assert (tree / "one.m4s").read_bytes() == b"1"


def test_a_tree_written_again_holds_nothing_of_the_first_try(area_of: Open) -> None:
    for content in ("first", "second"):
        with area_of() as area, area.writing("release") as folder:
            folder.mkdir()
            (folder / content).write_text(content)
    with area_of() as later:
        assert [path.name for path in later.fetch("release").iterdir()] == ["second"]


def test_what_is_written_keeps_its_suffix_and_appears_only_when_whole(area_of: Open) -> None:
    with area_of() as area:
        with area.writing("audio.mp4") as path:
            assert path.suffix == ".mp4"
            path.write_bytes(b"half")
            assert not area_of().exists("audio.mp4")
        assert area_of().exists("audio.mp4")


def test_a_failed_write_leaves_nothing_and_spares_what_was_there(area_of: Open) -> None:
    with area_of() as area:
        with area.writing("audio.mp4") as path:
            path.write_bytes(b"whole")
        with pytest.raises(RuntimeError):
            write_half(area, "audio.mp4")
        assert [each.name for each in area.scratch("audio.mp4").parent.iterdir()] == ["audio.mp4"]
    with area_of() as later:
        assert later.fetch("audio.mp4").read_bytes() == b"whole"


def test_a_write_that_wrote_nothing_is_an_error(area_of: Open) -> None:
    with area_of() as area:
        with pytest.raises(FileNotFoundError), area.writing("audio.mp4"):
            pass
        assert not area.exists("audio.mp4")


def test_what_was_never_kept_is_lost_and_says_what_to_do(area_of: Open) -> None:
    with area_of() as area:
        assert not area.exists("source.mp4")
        with pytest.raises(WorkAreaLost, match=r"source\.mp4.*movie/7/.*first task"):
            area.fetch("source.mp4")
        with pytest.raises(WorkAreaLost):
            area.keep("source.mp4")


def test_a_tree_that_lost_a_file_is_lost(bucket: Bucket, s3_client: "S3Client") -> None:
    location = f"s3://{bucket.name}"
    with open_area(location, TITLE, RELEASE, s3_client) as area, area.writing("tree") as folder:
        folder.mkdir()
        (folder / "one").write_text("1")
        (folder / "two").write_text("2")
    bucket.delete(item.key for item in bucket.list("") if item.key.endswith("/two"))
    with open_area(location, TITLE, RELEASE, s3_client) as area, pytest.raises(WorkAreaLost):
        area.fetch("tree")


def test_runs_do_not_see_each_other(area_of: Open) -> None:
    with area_of() as area, area.writing("source.mp4") as path:
        path.write_bytes(b"mine")
    assert not area_of(Title("movie", "70")).exists("source.mp4")
    assert not area_of(release=OTHER_RELEASE).exists("source.mp4")


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../other", "a/../b", "a//b", ".hidden", "a/", "a\n"])
def test_a_name_never_leads_out_of_the_area(area_of: Open, name: str) -> None:
    with area_of() as area:
        for method in (area.scratch, area.keep, area.fetch, area.exists):
            with pytest.raises(ValueError, match="plain names"):
                method(name)


@pytest.mark.parametrize(
    "run", ["", "movie/7", "movie/7/latest", f"movie/../{RELEASE}", f"movie/7/{RELEASE}/x", f"/7/{RELEASE}"]
)
def test_a_malformed_run_is_a_configuration_error(run: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_run_key(run)


@pytest.mark.parametrize("release", ["latest", "..", f"{RELEASE}/x"])
def test_an_area_of_a_malformed_release_is_not_opened(tmp_path: Path, release: str) -> None:
    with pytest.raises(ConfigurationError):
        open_area(str(tmp_path), TITLE, release)


def test_a_run_names_its_title_and_release() -> None:
    assert run_key(TITLE, RELEASE) == f"movie/7/{RELEASE}"
    assert parse_run_key(f"movie/7/{RELEASE}") == (TITLE, RELEASE)


def test_a_removed_run_leaves_nothing_and_no_other_run_is_touched(area_of: Open, tmp_path: Path) -> None:
    for release in (RELEASE, OTHER_RELEASE):
        with area_of(release=release) as area, area.writing("renditions/720p.mp4") as path:
            path.write_bytes(b".")
    area = area_of()
    area.fetch("renditions/720p.mp4")
    area.remove()
    area.remove()
    assert not area_of().exists("renditions/720p.mp4")
    assert area_of(release=OTHER_RELEASE).exists("renditions/720p.mp4")
    area_of(release=OTHER_RELEASE).remove()
    assert [path for path in left_on_the_machine(tmp_path) if path.is_file()] == []


def test_nothing_of_a_task_on_a_bucket_stays_on_the_machine(
    bucket: Bucket, s3_client: "S3Client", tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_area(f"s3://{bucket.name}/w", TITLE, RELEASE, s3_client) as area:
        area.scratch("source.mp4").write_bytes(b"large")
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_too_little_space_is_told_in_figures_that_people_read(area_of: Open) -> None:
    with area_of() as area:
        area.require_free(1)
        with pytest.raises(WorkAreaFull, match=r"B free, this step needs 5.0 TB.*NIGHTREEL_WORK_AREA"):
            area.require_free(5 * 10**12)


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = "\n".join(
        (
            "import sys",
            "from nightreel.storage.scratch import ScratchFolder",
            "folder = ScratchFolder()",
            "print(folder.path, flush=True)",
            "sys.stdin.read()",
        )
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        (folder / "source.mp4").write_bytes(b"large")
        settled = time.time() - 3600
        os.utime(folder / ".lock", (settled, settled))
        with ScratchFolder():
            assert folder.exists()
        owner.kill()
    with ScratchFolder():
        assert not folder.exists()
