import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from corpus.boxes import box, with_box_in_sample_entry
from nightreel.errors import SourceRejected
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip

_WITH_SOUND = Clip(sounds=(Sound(),))
_LONGER = Clip(seconds=8, sounds=(Sound(seconds=8),), after=("-g", "25", "-b:v", "400k"))


def _refusal(path: Path, binaries: Binaries) -> SourceRejected:
    with pytest.raises(SourceRejected) as caught:
        probe(path, binaries.ffprobe)
    # The sentence goes to the title's owner, who knows nothing of this machine.
    assert str(path.parent) not in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    return caught.value


def _cut(source: Path, path: Path, keep: float) -> Path:
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def test_a_source_is_described_as_it_is(make_clip: MakeClip, binaries: Binaries) -> None:
    path = make_clip(_WITH_SOUND)
    found = probe(path, binaries.ffprobe)
    assert found.size_bytes == path.stat().st_size
    assert "mp4" in found.container
    assert (found.video.codec, found.video.width, found.video.height) == ("h264", 192, 108)
    assert found.video.nominal_rate == found.video.average_rate == 25
    assert (found.frames, round(found.duration, 3)) == (50, 2.0)
    (sound,) = found.audio
    assert (sound.codec, sound.channels, sound.sample_rate, sound.language) == ("aac", 2, 48_000, "und")
    assert found.warnings == ()


def test_a_source_without_sound_has_none(make_clip: MakeClip, binaries: Binaries) -> None:
    assert probe(make_clip(Clip()), binaries.ffprobe).audio == ()


@pytest.mark.parametrize(("angle", "clockwise"), [("90", 270), ("-90", 90), ("180", 180), ("0", 0)])
def test_rotation_is_what_a_player_applies(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, angle: str, clockwise: int
) -> None:
    turned = remuxed(
        make_clip(Clip()), tmp_path / "turned.mp4", binaries.ffmpeg, before=("-display_rotation", angle)
    )
    video = probe(turned, binaries.ffprobe).video
    assert video.rotation == clockwise
    assert video.display_size == ((108, 192) if clockwise in (90, 270) else (192, 108))


def test_pixels_that_are_not_square_are_counted_in_the_shown_size(
    make_clip: MakeClip, binaries: Binaries
) -> None:
    video = probe(make_clip(Clip(filters="setsar=2/1")), binaries.ffprobe).video
    assert video.sample_aspect_ratio == Fraction(2)
    assert video.display_size == (384, 108)


def test_a_picture_that_no_decoder_opens_is_refused_by_name(binaries: Binaries, tmp_path: Path) -> None:
    # QuickTime's Animation in Matroska lacks the depth of its pixels; ffprobe breaks off.
    source = tmp_path / "animation.mkv"
    Clip(seconds=0.2, after=("-c:v", "qtrle", "-pix_fmt", "argb")).write(source, binaries.ffmpeg)
    with pytest.raises(SourceRejected, match="Unsupported colorspace") as refused:
        probe(source, binaries.ffprobe)
    assert refused.value.code == "unreadable"


def test_tracks_keep_language_title_and_order(make_clip: MakeClip, binaries: Binaries) -> None:
    clip = Clip(
        sounds=(
            Sound(language="eng"),
            Sound(language="ger", title="Kommentar"),
            Sound(language="gsw", channels=1),
            Sound(language="und"),
        ),
        after=("-disposition:a:0", "0", "-disposition:a:1", "default"),
    )
    audio = probe(make_clip(clip), binaries.ffprobe).audio
    assert [(sound.language, sound.channels) for sound in audio] == [
        ("en", 2),
        ("de", 2),
        ("gsw", 1),
        ("und", 2),
    ]
    assert [sound.index for sound in audio] == [1, 2, 3, 4]
    assert [sound.title for sound in audio] == ["", "Kommentar", "", ""]
    assert [sound.default for sound in audio] == [False, True, False, False]


@pytest.mark.parametrize("rate", ["24000/1001", "24", "30000/1001", "60000/1001", "120"])
def test_the_frame_rate_is_an_exact_fraction(make_clip: MakeClip, binaries: Binaries, rate: str) -> None:
    found = probe(make_clip(Clip(picture=f"testsrc2=size=96x54:rate={rate}", seconds=1)), binaries.ffprobe)
    assert found.video.nominal_rate == Fraction(rate)


@pytest.mark.parametrize(("sound", "duration"), [(0.6, 1.0), (1.3, 1.0), (3.0, 3.0)])
def test_the_duration_is_the_pictures_unless_the_sound_goes_on_for_long(
    make_clip: MakeClip, binaries: Binaries, sound: float, duration: float
) -> None:
    found = probe(make_clip(Clip(seconds=1, sounds=(Sound(seconds=sound),))), binaries.ffprobe)
    assert found.duration == pytest.approx(duration, abs=0.03)
    assert found.held == pytest.approx(duration - 1, abs=0.03)


def test_a_picture_that_starts_late_counts_from_the_files_start(
    make_clip: MakeClip, binaries: Binaries
) -> None:
    found = probe(
        make_clip(Clip(seconds=1, before=("-itsoffset", "0.48"), sounds=(Sound(seconds=1.4),))),
        binaries.ffprobe,
    )
    assert found.duration == pytest.approx(1.48, abs=0.001)
    assert found.frames == 25


@pytest.fixture
def cover(binaries: Binaries, tmp_path: Path) -> Path:
    path = tmp_path / "cover.jpg"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "color=size=640x640", "-frames:v", "1"]
    subprocess.run([*command, "-update", "1", str(path)], check=True, timeout=60)
    return path


def test_a_cover_is_not_the_picture_however_large(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, cover: Path
) -> None:
    with_cover = remuxed(
        make_clip(Clip()),
        tmp_path / "with_cover.mp4",
        binaries.ffmpeg,
        before=("-i", str(cover)),
        after=("-map", "1", "-disposition:v:0", "attached_pic"),
    )
    video = probe(with_cover, binaries.ffprobe).video
    assert (video.width, video.height) == (192, 108)


def test_a_track_of_one_frame_is_not_the_picture_however_large(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, cover: Path
) -> None:
    with_thumbnail = remuxed(
        make_clip(Clip()),
        tmp_path / "with_thumbnail.mp4",
        binaries.ffmpeg,
        before=("-i", str(cover)),
        after=("-map", "1"),
    )
    video = probe(with_thumbnail, binaries.ffprobe).video
    assert (video.width, video.height) == (192, 108)


def test_a_picture_of_one_frame_is_taken_where_there_is_no_other(
    make_clip: MakeClip, binaries: Binaries
) -> None:
    assert probe(make_clip(Clip(seconds=0.04)), binaries.ffprobe).frames == 1


def test_sound_with_a_cover_is_no_video(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, cover: Path
) -> None:
    song = remuxed(
        make_clip(Clip(picture="", sounds=(Sound(),))),
        tmp_path / "song.mp4",
        binaries.ffmpeg,
        before=("-i", str(cover)),
        after=("-map", "1", "-disposition:v:0", "attached_pic"),
    )
    assert _refusal(song, binaries).code == "no_video"


def test_timecode_and_data_are_left_alone(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    film = remuxed(
        make_clip(_WITH_SOUND), tmp_path / "film.mov", binaries.ffmpeg, after=("-timecode", "01:00:00:00")
    )
    assert b"tmcd" in film.read_bytes()
    found = probe(film, binaries.ffprobe)
    assert (found.frames, len(found.audio), found.text, found.warnings) == (50, 1, (), ())


@pytest.mark.parametrize("suffix", ["mov", "mkv", "m4v"])
def test_other_containers_are_described_like_an_mp4(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    path = make_clip(_WITH_SOUND)
    other = probe(remuxed(path, tmp_path / f"film.{suffix}", binaries.ffmpeg), binaries.ffprobe)
    original = probe(path, binaries.ffprobe)
    assert (other.frames, round(other.duration, 2)) == (original.frames, round(original.duration, 2))
    assert other.video.display_size == original.video.display_size
    assert other.video.nominal_rate == original.video.nominal_rate
    assert [(sound.codec, sound.channels) for sound in other.audio] == [("aac", 2)]


def test_of_two_pictures_the_larger_one_is_taken(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    larger = make_clip(Clip(picture="testsrc2=size=384x216:rate=25"))
    both = remuxed(
        make_clip(Clip()),
        tmp_path / "both.mp4",
        binaries.ffmpeg,
        before=("-i", str(larger)),
        after=("-map", "1"),
    )
    video = probe(both, binaries.ffprobe).video
    assert (video.width, video.height) == (384, 216)


def test_interlaced_and_full_range_sources_are_known(make_clip: MakeClip, binaries: Binaries) -> None:
    woven = Clip(filters="setfield=tff", after=("-flags", "+ildct+ilme", "-x264opts", "tff=1"))
    assert probe(make_clip(woven), binaries.ffprobe).video.interlaced
    wide = Clip(filters="scale=out_range=full", after=("-color_range", "pc"))
    assert probe(make_clip(wide), binaries.ffprobe).video.colour.range == "full"
    plain = probe(make_clip(Clip()), binaries.ffprobe).video
    assert not plain.interlaced
    assert plain.colour.range == "limited"


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_pq_and_hlg_are_hdr(make_clip: MakeClip, binaries: Binaries, transfer: str) -> None:
    graded = Clip(filters=f"setparams=color_trc={transfer}:color_primaries=bt2020:colorspace=bt2020nc")
    assert probe(make_clip(graded), binaries.ffprobe).video.colour.dynamic_range != "sdr"
    assert probe(make_clip(Clip()), binaries.ffprobe).video.colour.dynamic_range == "sdr"


def test_what_is_no_media_is_refused_before_anything_opens_it(binaries: Binaries, tmp_path: Path) -> None:
    (tmp_path / "page.mp4").write_text("<html><body>Not found</body></html>")
    with pytest.raises(SourceRejected, match="web page"):
        probe(tmp_path / "page.mp4", "/nowhere/ffprobe")


def test_sound_alone_is_no_video(make_clip: MakeClip, binaries: Binaries) -> None:
    assert _refusal(make_clip(Clip(picture="", sounds=(Sound(),))), binaries).code == "no_video"


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.99])
def test_a_file_that_was_cut_off_before_the_end_of_its_index_has_none(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, keep: float
) -> None:
    refusal = _refusal(_cut(make_clip(_LONGER), tmp_path / "cut.mp4", keep), binaries)
    assert refusal.code == "no_index"


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.98])
def test_a_file_whose_index_promises_more_than_it_holds_is_truncated(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, keep: float
) -> None:
    whole = remuxed(
        make_clip(_LONGER), tmp_path / "whole.mp4", binaries.ffmpeg, after=("-movflags", "+faststart")
    )
    assert probe(whole, binaries.ffprobe).frames == 200
    refusal = _refusal(_cut(whole, tmp_path / "cut.mp4", keep), binaries)
    assert refusal.code == "truncated"
    assert "8.0 s and 200 frames" in refusal.sentence


def test_a_file_with_a_name_that_looks_like_an_option_or_a_url_is_read(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-i.mp4", "http:x.mp4", "a b's, c=d.mp4"):
        Path(name).write_bytes(make_clip(Clip()).read_bytes())
        assert probe(Path(name), binaries.ffprobe).frames == 50


def test_a_stereo_picture_is_told_because_players_show_it_flat(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    stereo = remuxed(
        make_clip(Clip()),
        tmp_path / "stereo.mkv",
        binaries.ffmpeg,
        after=("-metadata:s:v", "stereo_mode=left_right"),
    )
    (said,) = probe(stereo, binaries.ffprobe).warnings
    assert "in stereo (side by side)" in said


def test_a_picture_to_be_looked_at_all_around_is_told(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # Spherical Video V2 RFC: `sv3d` in the sample entry, here with an equirectangular projection.
    header = box(b"svhd", bytes(4), b"camera\0")
    projection = box(b"proj", box(b"prhd", bytes(16)), box(b"equi", bytes(20)))
    film = with_box_in_sample_entry(
        make_clip(Clip()), tmp_path / "around.mp4", box(b"sv3d", header, projection)
    )
    (said,) = probe(film, binaries.ffprobe).warnings
    assert "a 360° one (equirectangular)" in said
