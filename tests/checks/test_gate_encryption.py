"""What is planned encrypted is encrypted with the title's key, all of it, and says so; nothing else is."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from nightreel.vocabulary.protection import ContentKey
from tests.checks.damages_encryption import ENCRYPTION_DAMAGES
from tests.checks.damaging import Damage, edited
from tests.checks.judging import rules_not_met
from tests.checks.material import KEY, ONE_RUNG, PROTECTION, Material, ffmpeg, make_release

OTHER_BYTES = replace(KEY, key=bytes(range(100, 116)))
OTHER_ID = ContentKey(UUID(int=1), KEY.key, KEY.iv)


@pytest.mark.parametrize("damage", ENCRYPTION_DAMAGES, ids=lambda damage: damage.name)
def test_the_gate_refuses(damage: Damage, encrypted: Material, tmp_path: Path) -> None:
    material = encrypted.copy(tmp_path / "release")
    damage.apply(material.directory)

    assert rules_not_met(material, damage.rules) == set(damage.rules)


@pytest.mark.parametrize("seconds", ["0.04", "1"])
def test_black_and_silence_pass_though_cbcs_leaves_short_samples_clear(seconds: str, tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=192x108:r=25", "-f", "lavfi", "-i", "anullsrc=r=48000"),
        *("-t", seconds, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(source)),
    )

    result = make_release(source, tmp_path, ONE_RUNG).encrypted(tmp_path / "encrypted").judged()

    assert [str(failure) for failure in result.failures] == []


def test_a_release_that_was_to_be_encrypted_and_is_clear_is_refused(every_kind: Material) -> None:
    plan = every_kind.plan.model_copy(update={"encrypted": True})
    rules = ("encryption", "key-id", "key-method", "mpd-key-id")

    assert rules_not_met(replace(every_kind, plan=plan, key=KEY), rules) == set(rules)


def test_a_release_that_was_to_be_clear_and_is_encrypted_is_refused(encrypted: Material) -> None:
    plan = encrypted.plan.model_copy(update={"encrypted": False})
    rules = ("encryption", "key-id", "key-method", "mpd-key-id", "segment-decodes")

    assert rules_not_met(replace(encrypted, plan=plan, key=None), rules) == set(rules)


def test_a_clear_release_that_names_a_key_is_refused(every_kind: Material, tmp_path: Path) -> None:
    material = every_kind.copy(tmp_path / "release")
    key = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="https://keys.example/1"\n#EXTINF'
    edited("stream_108p.m3u8", "#EXTINF", key)(material.directory)

    assert rules_not_met(material, ("key-method",)) == {"key-method"}


def test_subtitles_that_are_said_to_be_encrypted_are_refused(encrypted: Material, tmp_path: Path) -> None:
    material = encrypted.copy(tmp_path / "release")
    key = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="https://keys.example/1"\n#EXTINF'
    edited("subs_en.m3u8", "#EXTINF", key)(material.directory)

    assert rules_not_met(material, ("key-method",)) == {"key-method"}


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        pytest.param(OTHER_BYTES, "segment-decodes", id="another key of the same id"),
        pytest.param(OTHER_ID, "key-id", id="the same key under another id"),
    ],
)
def test_the_wrong_key_is_refused(key: ContentKey, rule: str, encrypted: Material) -> None:
    assert rules_not_met(replace(encrypted, key=key), (rule,)) == {rule}


@pytest.mark.parametrize("name", ["stream_108p_000.m4s", "audio_en_000.m4s", "audio_en_51_001.m4s"])
def test_a_segment_in_the_clear_among_encrypted_ones_is_refused(
    name: str, every_kind: Material, encrypted: Material, tmp_path: Path
) -> None:
    material = encrypted.copy(tmp_path / "release")
    (material.directory / name).write_bytes((every_kind.directory / name).read_bytes())

    assert rules_not_met(material, ("segment-decodes",)) == {"segment-decodes"}


@pytest.mark.parametrize("name", ["stream_hevc_108p_000.m4s", "stream_av1_108p_000.m4s"])
def test_a_segment_of_another_key_is_refused_even_where_its_decoder_makes_something_of_it(
    name: str, every_kind: Material, encrypted: Material, tmp_path: Path
) -> None:
    other = every_kind.encrypted(tmp_path / "other", replace(PROTECTION, key=OTHER_BYTES))
    material = encrypted.copy(tmp_path / "release")
    (material.directory / name).write_bytes((other.directory / name).read_bytes())

    assert rules_not_met(material, ("same-picture",)) == {"same-picture"}
