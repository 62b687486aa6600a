"""The gate over the container `ts`, in the clear and encrypted."""

from dataclasses import replace
from pathlib import Path

import pytest

from nightreel.checks.gate import KeyNotGiven
from nightreel.vocabulary.protection import ContentKey
from tests.checks.damages_ts import DAMAGES, SEGMENT
from tests.checks.damaging import Damage, edited
from tests.checks.judging import rules_not_met
from tests.checks.material import KEY, TS, TWO_RUNGS, Material, ffmpeg, make_release, make_source


@pytest.mark.parametrize("kind", ["transport_stream", "encrypted_stream"])
def test_an_undamaged_transport_stream_passes_every_suite(kind: str, request: pytest.FixtureRequest) -> None:
    result = request.getfixturevalue(kind).judged()

    assert [str(failure) for failure in result.failures] == []
    assert [suite.name for suite in result.suites] == [
        "source", "renditions", "segments", "subtitles", "protection", "playlists", "stills", "release",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "rate", "size", "sound"),
    [
        pytest.param(7, "30000/1001", "108x192", False, id="no sound"),
        pytest.param(6.3, "24000/1001", "192x108", True, id="frames between the ticks, a short last segment"),
        pytest.param(0.5, "50", "102x58", True, id="half a second"),
    ],
)
def test_a_title_of_any_shape_passes(
    seconds: float, rate: str, size: str, sound: bool, tmp_path: Path
) -> None:
    source = make_source(tmp_path / "source.mp4", seconds=seconds, rate=rate, size=size, sound=sound)

    result = make_release(source, tmp_path, TWO_RUNGS, TS).judged()

    assert [str(failure) for failure in result.failures] == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_the_gate_refuses(damage: Damage, transport_stream: Material, tmp_path: Path) -> None:
    material = transport_stream.copy(tmp_path / "release")
    damage.apply(material.directory)

    assert rules_not_met(material, damage.rules) == set(damage.rules)


def _reencoded(material: Material, folder: Path, *options: str) -> Material:
    path = folder / "54p.mp4"
    ffmpeg("-i", str(material.encoded["54p"]), "-c:v", "libx264", *options, str(path))
    return material.repackaged(folder / "release", **{"54p": path})


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        pytest.param(
            ("-g", "40", "-bf", "0"), ("same-boundaries", "segment-start"), id="keyframes elsewhere"
        ),
        pytest.param(
            ("-g", "150", "-bf", "0"), ("keyframe-interval", "i-frame-count"), id="keyframes too far apart"
        ),
        pytest.param(("-g", "50", "-bf", "2"), ("decoded-when-shown",), id="frames that wait to be shown"),
        pytest.param(
            ("-g", "50", "-bf", "0", "-t", "6.5"), ("frame-count", "output-duration"), id="half a second less"
        ),
    ],
)
def test_the_gate_refuses_a_picture_with(
    options: tuple[str, ...], rules: tuple[str, ...], transport_stream: Material, tmp_path: Path
) -> None:
    cut = ("-sc_threshold", "0", "-video_track_timescale", "12800", "-movflags", "+negative_cts_offsets")

    assert rules_not_met(_reencoded(transport_stream, tmp_path, *options, *cut), rules) == set(rules)


def test_segments_that_another_key_decrypts_are_refused(encrypted_stream: Material) -> None:
    other = replace(encrypted_stream, key=ContentKey(KEY.key_id, bytes(16), KEY.iv))

    assert rules_not_met(other, ("segment-whole",)) == {"segment-whole"}


def test_segments_with_another_iv_are_refused(encrypted_stream: Material) -> None:
    other = replace(encrypted_stream, key=ContentKey(KEY.key_id, KEY.key, bytes(16)))

    assert rules_not_met(other, ("segment-whole",)) == {"segment-whole"}


def test_without_its_key_an_encrypted_release_is_not_judged(encrypted_stream: Material) -> None:
    with pytest.raises(KeyNotGiven):
        replace(encrypted_stream, key=None).judged()


def test_a_clear_segment_in_an_encrypted_release_is_refused(
    transport_stream: Material, encrypted_stream: Material, tmp_path: Path
) -> None:
    material = encrypted_stream.copy(tmp_path / "release")
    (material.directory / SEGMENT).write_bytes((transport_stream.directory / SEGMENT).read_bytes())

    assert rules_not_met(material, ("segment-whole",)) == {"segment-whole"}


@pytest.mark.parametrize(
    ("pattern", "replacement", "rules"),
    [
        pytest.param(r"#EXT-X-KEY:[^\n]*\n", "", ("key-method",), id="no key"),
        pytest.param("METHOD=AES-128", "METHOD=SAMPLE-AES", ("key-method",), id="another method"),
    ],
)
def test_a_playlist_that_says_otherwise_of_its_encryption_is_refused(
    pattern: str, replacement: str, rules: tuple[str, ...], encrypted_stream: Material, tmp_path: Path
) -> None:
    material = encrypted_stream.copy(tmp_path / "release")
    edited("stream_54p.m3u8", pattern, replacement)(material.directory)

    assert rules_not_met(material, rules) == set(rules)
