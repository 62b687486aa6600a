from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.frame_rate import title_rate
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import encode_all

_ONE_SIZE = Ladder(rungs=(Rung(height=54, video_bps=60_000, audio_bps=96_000, preset="ultrafast"),))
_DRIFT = 0.020
"""Seconds; Rec. ITU-R BT.1359 finds that nobody notices twice as much."""


def _marked(rate: Fraction = Fraction(25), seconds: Fraction = Fraction(3), **others: object) -> Clip:
    """Black and silent, but for a flash and a click near the beginning and near the end."""
    first, last = round(rate * 2 / 5), round(rate * (seconds - Fraction(3, 5)))
    flashes = "+".join(f"between(n,{frame},{frame + 2})" for frame in (first, last))
    clicks = "+".join(
        f"between(t,{float(frame / rate)},{float((frame + 3) / rate)})" for frame in (first, last)
    )
    return Clip(
        picture=f"color=black:size=96x54:rate={rate},drawbox=c=white:t=fill:enable='{flashes}'",
        seconds=float(seconds),
        sounds=(Sound(f"aevalsrc='({clicks})*0.9*sin(2000*PI*t)':sample_rate=48000", float(seconds)),),
        **others,  # type: ignore[arg-type]
    )


@dataclass(frozen=True)
class Marks:
    """When each flash and each click begins, in seconds."""

    flashes: tuple[float, ...]
    clicks: tuple[float, ...]


def _marks(picture: Path, sound: Path) -> Marks:
    seen, heard = measure.picture(picture), measure.sound(sound)
    bright = np.array(seen.brightness) > 128
    # The loudest of every millisecond.
    loud = (
        np.abs(heard.samples).max(axis=0)[: heard.samples.shape[1] // 48 * 48].reshape(-1, 48).max(axis=1)
        > 0.2
    )
    quiet_gap = 100
    clicks = [
        position
        for position in np.flatnonzero(loud)
        if not loud[max(0, position - quiet_gap) : position].any()
    ]
    return Marks(
        flashes=tuple(float(seen.times[n]) for n in _rises(bright)),
        clicks=tuple(float(heard.start) + position / 1000 for position in clicks),
    )


def _rises(bright: Sequence[bool] | np.ndarray) -> list[int]:
    return [n for n in range(len(bright)) if bright[n] and (n == 0 or not bright[n - 1])]


def _converted(source: Path, folder: Path, binaries: Binaries) -> Marks:
    encoded = encode_all(source, folder, binaries, ladder=_ONE_SIZE)
    return _marks(encoded.pictures[0], encoded.sounds[0])


def _assert_together(marks: Marks, *, count: int = 2, late: float = 0.0) -> None:
    assert len(marks.flashes) == len(marks.clicks) == count
    for flash, click in zip(marks.flashes, marks.clicks, strict=True):
        assert abs(click - flash - late) < _DRIFT


@pytest.mark.parametrize(
    "rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001", "60", "120000/1001", "120", "15"]
)
def test_picture_and_sound_stay_together_at_both_ends(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, rate: str
) -> None:
    marks = _converted(make_clip(_marked(Fraction(rate))), tmp_path, binaries)
    _assert_together(marks)
    assert marks.flashes[0] == pytest.approx(0.4, abs=float(1 / Fraction(rate)))


def test_they_stay_together_when_frames_are_missing_in_between(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    gaps = _marked(filters="select='not(between(n,15,40))*not(between(n,45,47))'", after=("-fps_mode", "vfr"))
    marks = _converted(make_clip(gaps), tmp_path, binaries)
    _assert_together(marks)
    assert marks.flashes == (0.4, 2.4)


def test_they_stay_together_when_the_cameras_clock_wanders(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # Each frame comes up to 6 ms too early or too late, as from a phone.
    wandering = _marked(
        Fraction(30),
        filters="settb=1/1000,setpts='(N/30+0.006*sin(N*1.7))/TB'",
        after=("-fps_mode", "vfr", "-enc_time_base", "1/1000", "-video_track_timescale", "90000"),
    )
    source = make_clip(wandering)
    encoded = encode_all(source, tmp_path, binaries, ladder=_ONE_SIZE)
    # Nobody can tell which of the two it wanders around.
    assert encoded.plan.frame_rate in (30, Fraction(30000, 1001))
    _assert_together(_marks(encoded.pictures[0], encoded.sounds[0]))


def test_an_edit_list_cuts_both_at_the_same_moment(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # Cut between keyframes without encoding again: the list hides what comes before.
    whole = make_clip(_marked(after=("-g", "25")))
    source = remuxed(whole, tmp_path / "cut.mp4", binaries.ffmpeg, before=("-ss", "0.2"))
    marks = _converted(source, tmp_path, binaries)
    _assert_together(marks)
    assert marks.flashes == pytest.approx((0.2, 2.2), abs=_DRIFT)


@pytest.mark.parametrize("late", [0.3, 0.04])
def test_a_sound_that_is_late_in_the_source_is_as_late_in_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, late: float
) -> None:
    clip = str(make_clip(_marked()))
    source = remuxed(
        Path(clip),
        tmp_path / "late.mp4",
        binaries.ffmpeg,
        before=("-itsoffset", str(late), "-i", clip),
        after=("-map", "-0:v", "-map", "-1:a", "-map", "1:v"),
    )
    _assert_together(_converted(source, tmp_path, binaries), late=late)


def test_a_picture_that_is_late_in_the_source_is_as_late_in_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = str(make_clip(_marked()))
    source = remuxed(
        Path(clip),
        tmp_path / "late.mp4",
        binaries.ffmpeg,
        before=("-itsoffset", "0.32", "-i", clip),
        after=("-map", "-0:a", "-map", "-1:v", "-map", "1:a"),
    )
    _assert_together(_converted(source, tmp_path, binaries), late=-0.32)


_OF_BROADCASTS = {
    "ts": ("-c:a", "ac3"),
    "mpg": ("-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"),
    "ogv": ("-c:v", "libtheora", "-q:v", "9", "-c:a", "libvorbis"),
}
"""Containers whose times may jump, and in which FFmpeg begins with what it reads of them."""


@pytest.mark.parametrize("suffix", _OF_BROADCASTS)
@pytest.mark.parametrize(("first", "last", "late"), [("v", "a", 0.32), ("a", "v", -0.32)])
def test_what_begins_late_in_a_broadcast_is_as_late_in_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str, first: str, last: str, late: float
) -> None:
    clip = str(make_clip(_marked()))
    source = remuxed(
        Path(clip),
        tmp_path / f"late.{suffix}",
        binaries.ffmpeg,
        before=("-itsoffset", str(abs(late)), "-i", clip),
        after=("-map", f"-0:{first}", "-map", f"-1:{last}", "-map", f"1:{first}", *_OF_BROADCASTS[suffix]),
    )
    marks = _converted(source, tmp_path, binaries)
    assert len(marks.flashes) == len(marks.clicks) == 2
    for flash, click in zip(marks.flashes, marks.clicks, strict=True):
        # A program stream tells when few of its pictures are shown: FFmpeg may be a frame off.
        assert click - flash == pytest.approx(late, abs=0.045)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_times_before_zero_begin_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    source = remuxed(
        make_clip(_marked()),
        tmp_path / f"early.{suffix}",
        binaries.ffmpeg,
        after=("-output_ts_offset", "-0.2", "-avoid_negative_ts", "disabled"),
    )
    _assert_together(_converted(source, tmp_path, binaries))


@pytest.mark.parametrize("late", ["0.013", "0.02", "0.027", "0.207"])
def test_a_picture_that_begins_between_two_moments_of_the_grid_is_not_moved_against_its_sound(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, late: str
) -> None:
    clip = str(make_clip(_marked()))
    source = remuxed(
        Path(clip),
        tmp_path / "late.mp4",
        binaries.ffmpeg,
        before=("-itsoffset", late, "-i", clip),
        after=("-map", "-0:a", "-map", "-1:v", "-map", "1:a"),
    )
    marks = _converted(source, tmp_path, binaries)
    for flash, click in zip(marks.flashes, marks.clicks, strict=True):
        assert click - flash == pytest.approx(-float(late), abs=0.003)


@pytest.mark.parametrize("offset", ["5", "3600"])
def test_times_that_begin_late_begin_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, offset: str
) -> None:
    source = remuxed(
        make_clip(_marked()), tmp_path / "late.mkv", binaries.ffmpeg, after=("-output_ts_offset", offset)
    )
    marks = _converted(source, tmp_path, binaries)
    _assert_together(marks)
    assert marks.flashes == pytest.approx((0.4, 2.4), abs=0.04)


@pytest.mark.parametrize(
    ("timescale", "rate"), [("1000000", "25"), ("90000", "30000/1001"), ("600", "24"), ("1001", "24000/1001")]
)
def test_the_rate_is_that_of_the_frames_not_of_the_clock(
    make_clip: MakeClip, binaries: Binaries, timescale: str, rate: str
) -> None:
    clip = Clip(
        picture=f"color=black:size=96x54:rate={rate}", seconds=2, after=("-video_track_timescale", timescale)
    )
    video = probe(make_clip(clip), binaries.ffprobe).video
    assert title_rate(video) == Fraction(rate)


def test_pictures_before_the_sources_own_start_begin_the_title(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # As after an edit that begins before the first keyframe, which FFmpeg cannot follow.
    source = make_clip(_marked())
    described = probe(source, binaries.ffprobe)
    early = described.model_copy(update={"early": 0.2, "duration": described.duration + 0.2})
    plan = build_plan(early, _ONE_SIZE, PlanOptions())
    files = {name: tmp_path / f"{name}.mp4" for name in ("54p", "audio_und")}
    for job in plan.jobs:
        encode(job, plan, source, files, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=60)
    marks = _marks(files["54p"], files["audio_und"])
    _assert_together(marks)
    assert marks.flashes == pytest.approx((0.6, 2.6), abs=_DRIFT)
    assert len(measure.picture(files["54p"]).times) == 80


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("begins", [0.2, 0.3])
def test_an_edit_that_begins_before_the_first_keyframe_is_kept(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, codec: str, begins: float
) -> None:
    """As a telephone writes it that cut a recording: its first picture is shown after those that follow."""
    options = ("-g", "25", "-bf", "3", "-movflags", "+negative_cts_offsets", "-c:v", codec)
    quiet = ("-x265-params", "log-level=error") if codec == "libx265" else ()
    whole = make_clip(_marked(after=(*options, *quiet)))
    source = tmp_path / "edited.mp4"
    source.write_bytes(_edited(whole.read_bytes(), shown_earlier=0.4, begins=begins))
    marks = _converted(source, tmp_path, binaries)
    assert marks.clicks == pytest.approx((0.4, 2.4), abs=0.04)
    assert marks.clicks[-1] - marks.flashes[-1] == pytest.approx(0.4 + begins, abs=_DRIFT)


def _edited(data: bytes, *, shown_earlier: float, begins: float) -> bytes:
    """All pictures but the first shown earlier; the first is no keyframe, and an edit begins within it."""
    rate = 12_800
    edited = bytearray(data)
    times, keyframes, edits = (data.index(kind) + 8 for kind in (b"ctts", b"stss", b"elst"))
    for entry in range(1, int.from_bytes(data[times : times + 4])):
        at = times + 4 + 8 * entry + 4
        moved = int.from_bytes(data[at : at + 4], signed=True) - round(shown_earlier * rate)
        edited[at : at + 4] = moved.to_bytes(4, signed=True)
    count = int.from_bytes(data[keyframes : keyframes + 4])
    edited[keyframes : keyframes + 4] = (count - 1).to_bytes(4)
    edited[keyframes + 4 : keyframes + 4 * count] = data[keyframes + 8 : keyframes + 4 + 4 * count]
    edited[edits + 8 : edits + 12] = round(begins * rate).to_bytes(4)
    return bytes(edited)


def test_a_single_frame_has_some_rate(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    clip = Clip(picture="color=white:size=96x54:rate=25", seconds=0.04)
    encoded = encode_all(make_clip(clip), tmp_path, binaries, ladder=_ONE_SIZE)
    assert encoded.plan.frames == 1
    assert len(measure.picture(encoded.pictures[0]).times) == 1
