"""What is measured of codecs, sounds, subtitles and stills agrees with how they were made."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightreel.checks.facts.boxes import BoxError
from nightreel.checks.facts.init_segment import read_track
from nightreel.checks.facts.release import ReleaseFacts, measure_release
from nightreel.checks.facts.sprites import read_sprite_index
from nightreel.checks.facts.webvtt import read_webvtt
from tests.checks.material import KEY, Material

READERS = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture(scope="module")
def facts(every_kind: Material) -> ReleaseFacts:
    return measure_release(every_kind.directory, every_kind.plan)


@pytest.mark.parametrize(
    ("name", "entry", "profile", "pixels", "colours"),
    [
        ("108p", "avc1", "High", "yuv420p", "bt709/bt709/bt709/limited"),
        ("hevc_108p", "hvc1", "Main", "yuv420p", "bt709/bt709/bt709/limited"),
        ("av1_108p", "av01", "Main", "yuv420p", "bt709/bt709/bt709/limited"),
        ("hdr_108p", "hvc1", "Main 10", "yuv420p10le", "bt2020/arib-std-b67/bt2020nc/limited"),
    ],
)
def test_a_picture_is_described_in_every_codec(
    facts: ReleaseFacts, name: str, entry: str, profile: str, pixels: str, colours: str
) -> None:
    rendition = facts.rendition(name)
    assert rendition.track is not None
    assert rendition.picture is not None
    assert rendition.track.format == entry
    assert (rendition.track.width, rendition.track.height) == (192, 108)
    assert rendition.picture.profile in (profile, "Constrained Baseline")
    assert (rendition.picture.pixel_format, rendition.picture.colours) == (pixels, colours)
    assert all(segment.starts_with_idr and not segment.decoded.decode_fault for segment in rendition.segments)


@pytest.mark.parametrize("name", ["108p", "hevc_108p", "av1_108p", "hdr_108p", "audio_en_51"])
def test_the_codec_is_read_from_its_own_configuration_as_the_packager_reads_it(
    facts: ReleaseFacts, name: str
) -> None:
    rendition, representation = facts.rendition(name), facts.mpd.representation(name)
    assert rendition.track is not None
    assert representation is not None
    # What the packager says of AV1 beyond the depth is about colours.
    said = representation.codecs.lower().split(".")[: 4 if name.startswith("av1") else None]
    assert rendition.track.codec.lower().split(".") == said


def test_the_channels_of_a_sound_are_read_from_its_configuration(facts: ReleaseFacts) -> None:
    tracks = {name: facts.rendition(name).track for name in ("audio_en", "audio_fr", "audio_en_51")}
    assert {name: track and track.channels for name, track in tracks.items()} == {
        "audio_en": 2,
        "audio_fr": 2,
        "audio_en_51": 6,
    }


def test_encrypted_segments_measure_like_clear_ones(facts: ReleaseFacts, encrypted: Material) -> None:
    found = measure_release(encrypted.directory, encrypted.plan, KEY)
    for clear, rendition in zip(facts.renditions, found.renditions, strict=True):
        assert rendition.track is not None
        assert rendition.track.protection is not None
        assert rendition.track.protection.scheme == "cbcs"
        assert rendition.track.protection.key_id == KEY.key_id
        assert clear.track is not None
        assert rendition.track.codec == clear.track.codec
        assert rendition.picture == clear.picture
        assert [item.timing and item.timing.keyframes for item in rendition.segments] == [
            item.timing and item.timing.keyframes for item in clear.segments
        ]


def test_subtitles_are_read_with_their_clock(facts: ReleaseFacts) -> None:
    english = facts.subtitles[0]
    assert [segment.offset for segment in english.segments] == [0, 0]
    assert [(cue.start, cue.end, cue.text) for cue in english.whole.cues] == [
        (Fraction(1, 2), Fraction(5, 2), "Hello"),
        (Fraction(5), Fraction(34, 5), "Both sides"),
    ]
    assert [len(segment.cues) for segment in english.segments] == [2, 1]


def test_a_clock_that_starts_elsewhere_is_measured_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "text.vtt"
    path.write_text("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:10.000,MPEGTS:1080000\n\n")
    assert read_webvtt(path).offset == 2


@READERS
@given(
    text=st.text(max_size=200)
    | st.text(alphabet="0123456789:.->\n #xywh=,sprite", max_size=200).map("WEBVTT\n\n".__add__)
)
def test_no_text_makes_the_readers_of_cues_fail(text: str, tmp_path: Path) -> None:
    path = tmp_path / "thumbnails.vtt"
    path.write_text(text, "utf-8", newline="")

    index = read_sprite_index(tmp_path)

    assert index.fault or text.lstrip("\ufeff").startswith("WEBVTT")
    assert all(tile.pixels_outside == tile.area for tile in index.tiles)


@READERS
@given(
    name=st.sampled_from(["108p", "hevc_108p", "av1_108p"]),
    position=st.integers(0, 1199),
    value=st.integers(0, 255),
)
def test_an_encrypted_init_segment_with_any_byte_changed_is_read_or_refused(
    name: str, position: int, value: int, encrypted: Material
) -> None:
    data = bytearray((encrypted.directory / f"stream_{name}_init.mp4").read_bytes())
    data[position % len(data)] = value
    try:
        track = read_track(bytes(data))
    except BoxError:
        return
    assert track.timescale > 0
