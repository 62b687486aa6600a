"""The release's manifest says how near each picture is to its source, if that was asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.settings import settings
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import SHIPPED_LADDER, Installation
from tests.orchestration.runs import Run, convert


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


def quality_of(installation: Installation, title: Title) -> dict[str, dict[str, float]]:
    return installation.manifest(title, installation.conversion(title)["release"]).quality


def test_every_picture_is_measured_and_no_sound(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_MEASURE_QUALITY", "true")
    settings.cache_clear()
    title = installation.add_movie(76, film)
    assert convert(title, ladder=["240p"]).state == "success"
    assert quality_of(installation, title).keys() == {"240p"}
    assert 0 < quality_of(installation, title)["240p"]["vmaf_mean"] <= 100


def test_a_title_with_a_target_gets_the_quality_that_its_trials_chose(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_MEASURE_QUALITY", "true")
    monkeypatch.setenv("NIGHTREEL_LADDER", str(SHIPPED_LADDER))
    settings.cache_clear()
    title = installation.add_movie(77, film)
    assert convert(title, ladder=["240p"]).state == "success"
    found = quality_of(installation, title)["240p"]
    assert 16 <= found["crf"] <= 34
    assert found["vmaf_expected"] >= 95
    # x264 writes its settings into the first segment: what was chosen is what it was given.
    files = installation.objects(title, installation.conversion(title)["release"])
    (first,) = [file.key for file in files if file.key.endswith("stream_240p_000.m4s")]
    segment = installation.bucket.get_bytes(first)
    assert segment is not None
    assert f" crf={found['crf']:.1f} ".encode() in segment


def test_nothing_is_measured_where_the_setting_says_so(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, _ = published
    assert quality_of(installation, title) == {}
