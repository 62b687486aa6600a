"""Sources that are damaged: a stream with a warning, or a refusal that says how much."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.media.programs.binaries import find_binaries
from nightreel.settings import settings
from tests.media.clips import Clip
from tests.media.damage import overwritten, packets
from tests.orchestration.installation import Installation
from tests.orchestration.runs import convert


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifty frames, all but the first made from those before them."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return Clip(picture="testsrc2=size=320x240:rate=25").write(path, find_binaries().ffmpeg)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is decoded before it is encoded."""
    monkeypatch.setenv("NIGHTREEL_DECODE_CHECK", "off")
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_light_damage_is_published_with_a_warning(
    installation: Installation, film: Path, tmp_path: Path
) -> None:
    damaged = overwritten(film, tmp_path / "film.mp4", packets(film)[30:32])
    title = installation.add_movie(140, damaged)
    assert convert(title).state == "success"
    assert installation.movie(title)["hls_url"]
    conversion = installation.conversion(title)
    assert conversion["state"] == "published"
    (warning,) = conversion["warnings"]
    assert "2 of 50 frames cannot be decoded correctly, the first at 0:00:01" in warning


def test_heavy_damage_that_was_not_looked_for_is_refused_when_it_is_met(
    installation: Installation, film: Path, tmp_path: Path, unchecked: None
) -> None:
    damaged = overwritten(film, tmp_path / "film.mp4", packets(film)[10:40], keep=0)
    title = installation.add_movie(141, damaged)
    run = convert(title)
    assert run.states["plan"] == "success"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("quarantined", "undecodable")
    assert "of 50 frames cannot be decoded" in conversion["reason"]
    assert installation.movie(title)["hls_url"] is None
