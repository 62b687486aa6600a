from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from nightreel.media.planning.copying import CopyLimits, copying
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import Colour, Restart, SourceProbe
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.damage import patched
from tests.media.h264 import B_PYRAMID, SCENES, film, joined, judged, looked_into

_MARKED = "marked as places to begin with, but no true keyframes (IDR)"
_OPEN = "(open GOP)"
_FIELDS_ALLOWED = Clip("testsrc2=size=192x112:rate=25", after=("-x264-params", "fake-interlaced=1"))


@pytest.fixture(scope="session")
def plain(make_clip: MakeClip, binaries: Binaries) -> SourceProbe:
    """A source whose picture may be copied."""
    return looked_into(make_clip(film()), binaries)


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_film_as_x264_makes_it_may_be_copied_at_every_rate(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, rate: str, suffix: str
) -> None:
    path = make_clip(film(rate))
    if suffix == "mkv":
        # Its times are whole milliseconds.
        path = remuxed(path, tmp_path / "film.mkv", binaries.ffmpeg)
    verdict = judged(path, binaries)
    assert verdict.reasons == ()
    assert verdict.may
    assert verdict.frame_rate == Fraction(rate)
    assert len(verdict.keyframes) > 2


@pytest.mark.parametrize(
    "clip",
    [
        Clip(),
        film(after=("-profile:v", "baseline")),
        film(after=("-g", "1")),
        film(after=(*B_PYRAMID, "-movflags", "frag_keyframe+empty_moov")),
        film(after=(*B_PYRAMID, "-video_track_timescale", "1000")),
        Clip(picture=SCENES.format(rate=25), after=B_PYRAMID, sounds=(Sound(seconds=2),)),
        Clip(picture=SCENES.format(rate=25), after=(*B_PYRAMID, "-use_editlist", "0"), sounds=(Sound(),)),
    ],
    ids=[
        *("no reordering", "baseline", "only keyframes", "fragments", "a coarse clock", "with sound"),
        "with sound that begins earlier by the delay of reordering",
    ],
)
def test_other_pictures_of_today_may_be_copied(make_clip: MakeClip, binaries: Binaries, clip: Clip) -> None:
    assert judged(make_clip(clip), binaries).reasons == ()


@pytest.mark.parametrize("patch", [(b"stss", 0, b"free"), (b"stss", 12, (9).to_bytes(4))])
def test_what_the_container_says_of_keyframes_is_not_believed(
    make_clip: MakeClip,
    binaries: Binaries,
    tmp_path: Path,
    patch: tuple[bytes, int, bytes],
    plain: SourceProbe,
) -> None:
    lying = patched(make_clip(film()), tmp_path / "lying.mp4", *patch)
    verdict = judged(lying, binaries)
    assert verdict.may
    assert plain.coded is not None
    assert verdict.keyframes == plain.coded.keyframes


@pytest.mark.parametrize(
    ("clip", "reasons"),
    [
        (film(after=("-x264-params", "open-gop=1:keyint=30:bframes=3")), [_MARKED, _OPEN]),
        (film(after=("-x264-params", "intra-refresh=1:keyint=30")), [_MARKED]),
        (film(after=("-pix_fmt", "yuv420p10le")), ["its profile is High 10"]),
        (film(after=("-pix_fmt", "yuvj420p")), ["full range of values"]),
        (film(after=("-level", "6.0")), ["its level is 6.0"]),
        (film(seconds=12, after=("-g", "300", "-sc_threshold", "0")), ["no keyframe for 12.0 s"]),
        (_FIELDS_ALLOWED, ["as interlaced video"]),
        (film(after=("-bsf:v", "h264_metadata=crop_left=2")), ["columns at its left are not to be shown"]),
        (Clip(filters="setsar=4/3"), ["its pixels are not square (4:3)"]),
        (film("120"), ["it has 120 frames a second"]),
        (Clip("testsrc2=size=96x54:rate=1/3", 12, after=("-g", "1")), ["less than one frame a second"]),
        (Clip(before=("-itsoffset", "0.52"), sounds=(Sound(),)), ["it begins 0.520 s after the title"]),
        (Clip(sounds=(Sound(seconds=4),)), ["held for 2.0 s, until the sound ends"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)  # fmt: skip
def test_a_picture_that_players_cannot_be_given_names_its_reason(
    make_clip: MakeClip, binaries: Binaries, clip: Clip, reasons: list[str]
) -> None:
    verdict = judged(make_clip(clip), binaries)
    assert not verdict.may
    for reason in reasons:
        assert any(reason in sentence for sentence in verdict.reasons), verdict.reasons
    assert all(each.startswith("Its picture is not copied: ") and each[-1] == "." for each in verdict.reasons)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ("N/25+gte(N,30)*0.003", "frames 29 and 30 are 3 ms further apart than the others."),
        (
            "N/25+eq(N,30)*0.003",
            "frames 29 and 30 are 3 ms further apart than the others and frames 30 and 31",
        ),
        ("N/25+0.01*random(1)", "its frame rate is not constant"),
        ("N/25*(1+gte(N,25))", "its frame rate is not constant"),
    ],
    ids=["a pause", "one late frame", "jitter", "two rates"],
)
def test_times_that_are_not_even_are_named(
    make_clip: MakeClip, binaries: Binaries, times: str, reason: str
) -> None:
    exact = ("-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000")
    clip = Clip(filters=f"settb=1/90000,setpts='({times})/TB'", after=exact)
    (told,) = judged(make_clip(clip), binaries).reasons
    assert reason in told


@pytest.mark.parametrize(
    ("before", "after", "suffix", "reason"),
    [
        (("-display_rotation", "90"), (), "mp4", "players must turn it by 270°"),
        (("-display_hflip",), (), "mp4", "players must mirror it"),
        (("-ss", "1.4"), (), "mp4", "its edit list leaves out"),
        ((), (), "ts", "neither an MP4 nor a Matroska file"),
    ],
)
def test_what_only_the_container_says_is_a_reason_too(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path,
    before: tuple[str, ...], after: tuple[str, ...], suffix: str, reason: str,
) -> None:  # fmt: skip
    path = remuxed(
        make_clip(film()), tmp_path / f"film.{suffix}", binaries.ffmpeg, before=before, after=after
    )
    verdict = judged(path, binaries)
    assert not verdict.may
    assert any(reason in sentence for sentence in verdict.reasons), verdict.reasons


@pytest.mark.parametrize(
    "second",
    [Clip(picture="testsrc2=size=128x72:rate=25", after=B_PYRAMID), film(after=("-profile:v", "baseline"))],
    ids=["another size", "another profile"],
)
def test_parameter_sets_that_change_are_a_reason(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, second: Clip
) -> None:
    path = joined(make_clip(film()), make_clip(second), tmp_path / "joined.mp4", binaries.ffmpeg)
    assert any("parameter sets change" in sentence for sentence in judged(path, binaries).reasons)


def test_parameter_sets_that_are_repeated_are_none(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    path = joined(make_clip(Clip()), make_clip(Clip()), tmp_path / "joined.mp4", binaries.ffmpeg)
    assert judged(path, binaries).reasons == ()


def test_a_frame_that_is_cut_off_is_a_reason(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    film_path = make_clip(film())
    # The first NAL unit says that it is longer than its packet.
    longer = patched(film_path, tmp_path / "longer.mp4", b"mdat", 4, (2**24).to_bytes(4))
    assert any("frame 0 (at 0:00:00) is cut off" in each for each in judged(longer, binaries).reasons)


def _video(**changes: object) -> Callable[[SourceProbe], SourceProbe]:
    return lambda source: source.model_copy(update={"video": source.video.model_copy(update=changes)})


def _source(**changes: object) -> Callable[[SourceProbe], SourceProbe]:
    return lambda source: source.model_copy(update=changes)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (_video(interlaced=True), "it is interlaced"),
        (_video(colour=Colour(transfer="smpte2084")), "it is HDR (PQ)"),
        (_video(colour=Colour(primaries="bt2020")), "more vivid (bt2020)"),
        (_video(alpha="straight"), "transparent parts"),
        (_video(width=95), "its size is odd (95×54)"),
        (_video(height=50), "its 96×54 pixels must be cropped to 96×50"),
        (_source(restarts=(Restart(position=9, seconds=62, shift=0),)), "begin again at 0:01:02"),
        (_source(damage_seen=1), "1 of its frames is damaged"),
        (_source(damaged_frames=4), "4 of its frames are damaged"),
        (_source(late=0.2), "its edit list begins within a group of pictures"),
        (
            lambda source: _video(codec="av1")(_source(coded=None)(source)),
            "it is AV1; only H.264 and HEVC are copied",
        ),
        (_source(coded=None), "no record of its parameter sets (avcC)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_inspection_found_is_a_reason(
    plain: SourceProbe, changed: Callable[[SourceProbe], SourceProbe], reason: str
) -> None:
    verdict = copying(changed(plain), CopyLimits())
    assert not verdict.may
    assert any(reason in sentence for sentence in verdict.reasons)


@pytest.mark.parametrize("ratio", [Fraction(1), Fraction(199, 200), Fraction(101, 100)])
def test_pixels_that_are_nearly_square_may_be_copied(plain: SourceProbe, ratio: Fraction) -> None:
    assert copying(_video(sample_aspect_ratio=ratio)(plain), CopyLimits()).may


def test_the_limits_are_those_that_are_given(plain: SourceProbe) -> None:
    verdict = copying(plain, CopyLimits(keyframe_seconds=0.5, peak_bps=1000))
    assert [each.rpartition(" ")[0][-6:] for each in verdict.reasons] == ["is the", "is the"]
    assert "and 0.5 s is the limit" in verdict.reasons[0]
    assert "and 0.001 Mb/s is the limit" in verdict.reasons[1]
