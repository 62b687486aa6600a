"""What is wrong with a sound, with subtitles or with a codec is named by the rule that is meant for it."""

from pathlib import Path

import pytest

from tests.checks.damages_kinds import CODEC_DAMAGES, SOUND_DAMAGES, SUBTITLE_DAMAGES
from tests.checks.damaging import Damage
from tests.checks.judging import rules_not_met
from tests.checks.material import Material


@pytest.mark.parametrize(
    "damage", [*SOUND_DAMAGES, *SUBTITLE_DAMAGES, *CODEC_DAMAGES], ids=lambda damage: damage.name
)
def test_the_gate_refuses(damage: Damage, every_kind: Material, tmp_path: Path) -> None:
    material = every_kind.copy(tmp_path / "release")
    damage.apply(material.directory)

    assert rules_not_met(material, damage.rules) == set(damage.rules)


@pytest.mark.parametrize(
    ("planned", "encoded", "rules"),
    [
        pytest.param("hevc_108p", "hdr_108p", ("pixel-format", "profile", "colours"), id="HDR as SDR"),
        pytest.param("hdr_108p", "hevc_108p", ("pixel-format", "profile", "colours"), id="SDR as HDR"),
        pytest.param("av1_108p", "hevc_108p", ("rendition-codec",), id="another codec"),
        pytest.param("audio_en_51", "audio_en", ("sound-channels",), id="stereo as 5.1"),
    ],
)
def test_the_gate_refuses_a_rendition_that_is_another(
    planned: str, encoded: str, rules: tuple[str, ...], every_kind: Material, tmp_path: Path
) -> None:
    other = {planned: every_kind.encoded[encoded]}

    material = every_kind.repackaged(tmp_path / "release", **other)

    assert rules_not_met(material, rules) == set(rules)
