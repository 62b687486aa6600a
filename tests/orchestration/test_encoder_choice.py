"""Which encoder makes a title's pictures, and that one which fails does not keep it from its viewers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.media.encoding import hardware
from nightreel.media.encoding.encoders import Encoder
from nightreel.settings import settings
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_the_manifest_names_the_encoder_of_every_picture(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, _ = published
    tools = installation.manifest(title, installation.conversion(title)["release"]).tools
    assert tools["encoder of 240p"] == tools["encoder of 360p"] == "libx264"


def test_hardware_that_fails_in_the_middle_is_not_tried_again_under_auto(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It proved to work, and then its device went away.
    gone = Encoder(codec="h264", family="vaapi", device="/dev/null")
    monkeypatch.setattr(hardware, "proven", lambda *asked: gone)
    monkeypatch.setenv("NIGHTREEL_ENCODER", "auto")
    settings.cache_clear()
    title = installation.add_movie(70, film)
    run = convert(title, ladder=["240p"])
    assert run.state == "success"
    assert run.tries("transcode") == 2
    tools = installation.manifest(title, installation.conversion(title)["release"]).tools
    assert tools["encoder of 240p"] == "libx264"


def test_hardware_that_is_named_and_not_there_fails_the_title_at_once_and_names_the_setting(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_ENCODER", "videotoolbox")
    settings.cache_clear()
    title = installation.add_movie(71, film)
    run = convert(title, ladder=["240p"])
    assert run.state == "failed"
    assert run.tries("transcode") == 1
    conversion = installation.conversion(title)
    assert conversion["state"] == "failed"
    assert "NIGHTREEL_ENCODER=videotoolbox does not work for h264 here" in conversion["reason"]
