import hashlib
from pathlib import Path

import pytest

from nightreel.releases.files import describe_file, describe_files
from nightreel.vocabulary.release import MANIFEST


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
