from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import EncoderFailed, SourceRejected
from nightreel.media.inspection import integrity
from nightreel.media.inspection.decoding import missing
from nightreel.media.inspection.integrity import decodable, tolerated
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.media import DecodeCheck
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.damage import overwritten, packets

_FILM = Clip(seconds=8, sounds=(Sound(seconds=8),), after=("-g", "25", "-bf", "2"))
_LONG = Clip(picture="testsrc2=size=96x54:rate=10", seconds=120, after=("-g", "10", "-bf", "0", "-crf", "40"))
_PICTURES = 200
_TOLERANCE = 0.05


def _checked(path: Path, binaries: Binaries, how: DecodeCheck = "whole") -> SourceProbe:
    return decodable(probe(path, binaries.ffprobe), path, how, _TOLERANCE)


def _refusal(path: Path, binaries: Binaries, how: DecodeCheck = "whole") -> SourceRejected:
    with pytest.raises(SourceRejected) as caught:
        _checked(path, binaries, how)
    assert caught.value.code == "undecodable"
    return caught.value


@pytest.fixture(scope="module")
def light(make_clip: MakeClip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pictures of two hundred with a few wrong bytes."""
    film = make_clip(_FILM)
    return overwritten(film, tmp_path_factory.mktemp("light") / "film.mp4", packets(film)[60:180:25])


@pytest.fixture(scope="module")
def heavy(make_clip: MakeClip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every second picture from the third second on is noise."""
    film = make_clip(_FILM)
    return overwritten(film, tmp_path_factory.mktemp("heavy") / "film.mp4", packets(film)[75::2], keep=0)


@pytest.mark.parametrize("how", ["sampled", "whole"])
def test_a_whole_source_passes_without_a_word(
    make_clip: MakeClip, binaries: Binaries, how: DecodeCheck
) -> None:
    path = make_clip(_FILM)
    found = probe(path, binaries.ffprobe)
    assert _checked(path, binaries, how) == found.model_copy(update={"damaged_frames": 0})


@pytest.mark.parametrize("how", ["sampled", "whole"])
def test_light_damage_is_a_warning_that_says_how_much_and_where(
    light: Path, binaries: Binaries, how: DecodeCheck
) -> None:
    (warning,) = _checked(light, binaries, how).warnings
    assert "damaged in places" in warning
    assert f"of {_PICTURES} frames" in warning
    assert "the first at 0:00:0" in warning


@pytest.mark.parametrize("how", ["sampled", "whole"])
def test_heavy_damage_is_refused_with_how_much_and_where(
    heavy: Path, binaries: Binaries, how: DecodeCheck
) -> None:
    sentence = _refusal(heavy, binaries, how).sentence
    assert f"of {_PICTURES} frames" in sentence
    assert "the first at 0:00:03" in sentence


def test_what_may_be_damaged_is_a_setting(light: Path, binaries: Binaries) -> None:
    film = probe(light, binaries.ffprobe)
    with pytest.raises(SourceRejected, match="undecodable"):
        decodable(film, light, "whole", 0.0)
    assert decodable(film, light, "whole", 1.0).warnings


def test_a_check_that_is_off_decodes_nothing(heavy: Path, binaries: Binaries) -> None:
    film = probe(heavy, binaries.ffprobe)
    assert decodable(film, Path("/nowhere"), "off", 0.0) is film


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1", "mpeg4"])
def test_heavy_damage_is_found_in_every_codec_that_can_notice_it(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, codec: str
) -> None:
    fast = ("-preset", "12", "-svtav1-params", "lp=1") if codec == "libsvtav1" else ("-preset", "ultrafast")
    film = make_clip(Clip(seconds=2, after=("-c:v", codec, *fast, "-g", "25")))
    assert _checked(film, binaries).warnings == ()
    _refusal(overwritten(film, tmp_path / "film.mp4", packets(film)[10::2], keep=0), binaries)


def test_frames_that_a_decoder_leaves_out_until_the_next_keyframe_are_counted(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(Clip(seconds=2, after=("-c:v", "libx265", "-preset", "ultrafast", "-g", "25")))
    broken = overwritten(film, tmp_path / "film.mp4", packets(film)[25:26], keep=0)
    with pytest.raises(SourceRejected) as caught:
        decodable(probe(broken, binaries.ffprobe), broken, "whole", 0.1)
    assert "the first at 0:00:01" in caught.value.sentence


def test_damage_between_the_samples_is_not_seen_and_within_them_is(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_LONG)
    samples = integrity._samples(120.0)
    assert len(samples) == integrity.SAMPLES
    assert samples[0] == (0.0, integrity.SAMPLE_SECONDS)
    assert samples[-1] == (116.0, integrity.SAMPLE_SECONDS)
    between = overwritten(film, tmp_path / "between.mp4", packets(film)[80:150], keep=0)
    assert _checked(between, binaries, "sampled").warnings == ()
    within = overwritten(film, tmp_path / "within.mp4", packets(film)[1165:1168], keep=0)
    (warning,) = _checked(within, binaries, "sampled").warnings
    assert "frames that were checked" in warning
    assert _checked(within, binaries, "sampled").damaged_frames is None
    assert "the first at 0:01:5" in warning


def test_damage_in_one_sample_is_weighed_against_the_whole_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # 30 of some 240 frames in the samples are more than may be; 30 of all 1200 are not.
    film = make_clip(_LONG)
    spot = overwritten(film, tmp_path / "spot.mp4", packets(film)[5:35], keep=0)
    (warning,) = _checked(spot, binaries, "sampled").warnings
    assert "of 1200 frames cannot" in warning


def test_a_sound_with_damage_is_kept_with_a_warning(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_FILM)
    crackling = overwritten(film, tmp_path / "film.mp4", packets(film, "audio")[40:60], keep=0)
    checked = _checked(crackling, binaries)
    assert len(checked.audio) == 1
    assert checked.warnings == (
        "Sound track 1 (und) is damaged: 20 of 375 packets that were checked cannot be decoded, "
        "the first at 0:00:01.",
    )


def test_a_sound_that_cannot_be_decoded_is_left_out_with_a_warning(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_FILM)
    noise = overwritten(film, tmp_path / "film.mp4", packets(film, "audio"), keep=0)
    checked = _checked(noise, binaries)
    assert checked.audio == ()
    assert checked.tracks[1].left_out == "Sound track 1 (und) cannot be decoded; it was left out."
    assert checked.warnings == ()


def test_a_jump_into_an_open_group_of_pictures_is_no_damage(make_clip: MakeClip, binaries: Binaries) -> None:
    # After a jump, pictures that refer to those before the keyframe cannot be decoded.
    open_gop = Clip(
        picture="testsrc2=size=96x54:rate=10",
        seconds=60,
        after=("-g", "20", "-bf", "3", "-x264opts", "open-gop=1:scenecut=0", "-crf", "40"),
    )
    assert _checked(make_clip(open_gop), binaries, "sampled").warnings == ()


def test_a_matroska_file_is_checked_like_any_other(light: Path, binaries: Binaries, tmp_path: Path) -> None:
    film = remuxed(light, tmp_path / "film.mkv", binaries.ffmpeg)
    (warning,) = _checked(film, binaries).warnings
    assert "damaged in places" in warning


def test_a_decoder_that_ends_before_it_is_done_is_a_failure(make_clip: MakeClip, binaries: Binaries) -> None:
    film = probe(make_clip(_FILM), binaries.ffprobe)
    with pytest.raises(EncoderFailed, match="ended early"):
        decodable(film, Path("/nowhere/film.mp4"), "whole", _TOLERANCE)


@given(frames=st.integers(0, 10_000_000), tolerance=st.floats(0, 1))
def test_never_more_frames_may_be_damaged_than_the_setting_says_but_for_a_few(
    frames: int, tolerance: float
) -> None:
    allowed = tolerated(frames, tolerance)
    assert allowed <= max(frames * tolerance, integrity.A_FEW_FRAMES)
    assert allowed >= int(frames * tolerance)
    assert tolerated(frames, 0.0) == 0


@given(times=st.lists(st.integers(0, 10_000), unique=True, min_size=3), data=st.data())
def test_every_frame_that_was_left_out_is_missed(times: list[int], data: st.DataObject) -> None:
    assert missing(times, times) == 0
    assert missing(times, []) == len(times)
    # So few that most of what follows another is shown.
    left_out = data.draw(st.sets(st.sampled_from(times), max_size=(len(times) - 1) // 4))
    assert missing(times, [time for time in times if time not in left_out]) == len(left_out)


@given(frames=st.integers(2, 200))
def test_frames_that_are_made_of_two_packets_are_all_there(frames: int) -> None:
    fields = [20 * number for number in range(2 * frames)]
    assert missing(fields, fields[::2]) == 0
