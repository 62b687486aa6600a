import hashlib
from pathlib import Path

import pytest

from nightreel.errors import ReleaseRejected
from nightreel.releases.files import describe_file, describe_files, read_manifest, write_manifests
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseManifest
from tests.releases.conftest import Finished, finish


def test_the_files_of_a_release_are_all_but_its_manifest_in_order(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", MANIFEST):
        (tmp_path / name).write_bytes(b"x")
    assert [file.name for file in describe_files(tmp_path)] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 5 * (1 << 20) // 2])
def test_size_and_digests_are_those_of_the_whole_file(tmp_path: Path, size: int) -> None:
    data = bytes(position % 251 for position in range(size))
    (tmp_path / "a.m4s").write_bytes(data)
    described = describe_file(tmp_path / "a.m4s")
    assert described.size == size
    assert described.sha256 == hashlib.sha256(data).hexdigest()
    assert described.md5 == hashlib.md5(data).hexdigest()


def test_the_list_of_a_release_has_its_manifests_as_the_bucket_is_to_have_them(
    release_directory: Path, finished: Finished
) -> None:
    assert read_manifest(finished.manifests) == finished.manifest
    assert {path.name for path in finished.manifests.iterdir()} == {MANIFEST, MASTER, MPD}
    described = {file.name: file for file in finished.manifest.files}
    assert set(described) == {path.name for path in release_directory.iterdir()}
    for name in (MASTER, MPD):
        assert described[name] == describe_file(finished.manifests / name)
        assert "../../tracks/360p-" in (finished.manifests / name).read_text("utf-8")


def test_a_release_for_hls_alone_is_listed_without_an_mpd(hls_alone: Path) -> None:
    alone = finish(hls_alone)
    assert {path.name for path in alone.manifests.iterdir()} == {MANIFEST, MASTER}
    assert not alone.manifest.has_mpd


def test_a_manifest_that_names_a_file_of_no_track_is_refused_before_a_list_is_written(
    release_directory: Path, manifest: ReleaseManifest, tmp_path: Path
) -> None:
    (release_directory / MASTER).write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nstream_720p.m3u8\n")
    with pytest.raises(ReleaseRejected, match=MASTER):
        write_manifests(manifest, release_directory, tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []
