import subprocess
from pathlib import Path

import pytest

from nightreel.errors import SourceRejected
from nightreel.media.inspection import timeline
from nightreel.media.inspection.probe import probe
from nightreel.media.inspection.timeline import demux
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.places import PROJECT_ROOT
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.damage import cut, patched

_FILM = Clip(seconds=8, sounds=(Sound(seconds=8),), after=("-g", "25", "-b:v", "400k"))
_TYPE, _VERSION, _COUNT = 4, 4, 4
"""Bytes of a full box before its first entry (ISO/IEC 14496-12, section 4.2)."""
_FIRST_ENTRY = _TYPE + _VERSION + _COUNT


def _refusal(path: Path, binaries: Binaries) -> SourceRejected:
    with pytest.raises(SourceRejected) as caught:
        probe(path, binaries.ffprobe)
    return caught.value


@pytest.fixture
def streamed(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> Path:
    """A Matroska file that was written to a pipe, so that it knows neither its size nor its duration."""
    path = tmp_path / "streamed.mkv"
    command = [binaries.ffmpeg, "-v", "error", "-i", str(make_clip(_FILM)), "-c", "copy", "-f", "matroska"]
    with path.open("wb") as output:
        subprocess.run([*command, "pipe:1"], check=True, timeout=60, stdout=output)
    return path


def test_a_matroska_file_needs_no_count_of_frames(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, streamed: Path
) -> None:
    film = remuxed(make_clip(_FILM), tmp_path / "film.mkv", binaries.ffmpeg)
    for path in (film, streamed):
        found = probe(path, binaries.ffprobe)
        assert (found.frames, round(found.duration, 3)) == (200, 8.0)


@pytest.mark.parametrize("keep", [0.3, 0.95])
def test_a_matroska_file_that_was_cut_off_is_truncated(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, keep: float, streamed: Path
) -> None:
    film = remuxed(make_clip(_FILM), tmp_path / "film.mkv", binaries.ffmpeg)
    refusal = _refusal(cut(film, tmp_path / "cut.mkv", keep), binaries)
    assert refusal.code == "truncated"
    assert "promises 8.0 s, but holds" in refusal.sentence
    assert _refusal(cut(streamed, tmp_path / "cut.mkv", keep), binaries).code == "truncated"


def test_a_fragmented_file_is_read_to_its_end(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = remuxed(
        make_clip(_FILM),
        tmp_path / "film.mp4",
        binaries.ffmpeg,
        after=("-movflags", "frag_keyframe+empty_moov"),
    )
    assert probe(film, binaries.ffprobe).frames == 200
    assert _refusal(cut(film, tmp_path / "cut.mp4", 0.6), binaries).code == "truncated"


def test_what_an_edit_list_leaves_out_is_not_missing(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # The picture's edit lasts four seconds of eight, as after a trim on a telephone.
    film = make_clip(Clip(seconds=8.0))
    data = film.read_bytes()
    ticks_per_second = int.from_bytes(data[data.index(b"mvhd") + 16 :][:4])
    trimmed = patched(
        film, tmp_path / "trimmed.mp4", b"elst", _FIRST_ENTRY, (4 * ticks_per_second).to_bytes(4)
    )
    found = probe(trimmed, binaries.ffprobe)
    assert found.duration == pytest.approx(4.0, abs=0.1)
    assert found.frames == pytest.approx(100, abs=3)


def test_an_index_that_points_outside_the_file_is_broken(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_FILM)
    astray = (film.stat().st_size + 10_000).to_bytes(4)
    refusal = _refusal(patched(film, tmp_path / "broken.mp4", b"stco", _FIRST_ENTRY + 40, astray), binaries)
    assert refusal.code == "broken_index"
    assert "of 8.0 s and 200 frames, only" in refusal.sentence


def test_an_index_with_more_frames_than_there_are_is_broken(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_FILM)
    more = patched(film, tmp_path / "more.mp4", b"stts", _FIRST_ENTRY, (20_000).to_bytes(4))
    fewer_chunks = patched(more, tmp_path / "fewer.mp4", b"stco", _TYPE + _VERSION, (3).to_bytes(4))
    assert _refusal(fewer_chunks, binaries).code in ("broken_index", "unreadable")


@pytest.mark.parametrize(("box", "offset"), [(b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)])
def test_a_header_that_says_ten_hours_is_not_believed(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, box: bytes, offset: int
) -> None:
    ten_hours = (36_000 * 12_800).to_bytes(4)
    found = probe(patched(make_clip(_FILM), tmp_path / "film.mp4", box, offset, ten_hours), binaries.ffprobe)
    assert found.frames == 200
    assert found.duration == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize(
    "clip",
    [
        Clip(filters="setpts='PTS+gte(N,25)*7200/TB'", after=("-fps_mode", "passthrough")),
        Clip(before=("-itsoffset", "7200"), sounds=(Sound(),)),
    ],
    ids=["in the middle", "at the start"],
)
def test_two_hours_without_a_picture_are_a_wrong_time(
    make_clip: MakeClip, binaries: Binaries, clip: Clip
) -> None:
    refusal = _refusal(make_clip(clip), binaries)
    assert refusal.code == "time_gap"
    assert "no picture for 2:00:00" in refusal.sentence


def test_a_last_picture_that_stands_for_hours_is_a_wrong_time(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # One frame, whose time in the table of times is in units of 1/12800 s.
    still = Clip(seconds=0.04, after=("-video_track_timescale", "12800", "-use_editlist", "0"))
    path = patched(
        make_clip(still), tmp_path / "still.mp4", b"stts", _FIRST_ENTRY + 4, (7200 * 12_800).to_bytes(4)
    )
    assert _refusal(path, binaries).code == "time_gap"


def test_a_slide_that_stands_for_minutes_is_no_fault(make_clip: MakeClip, binaries: Binaries) -> None:
    lecture = Clip(filters="setpts='PTS+gte(N,25)*600/TB'", after=("-fps_mode", "passthrough"))
    assert probe(make_clip(lecture), binaries.ffprobe).duration == pytest.approx(602, abs=1)


def test_a_title_of_days_is_refused(make_clip: MakeClip, binaries: Binaries) -> None:
    days = Clip(
        picture="testsrc2=size=32x32:rate=25", seconds=4.4, filters="setpts=N*1700/TB",
        after=("-fps_mode", "passthrough"),
    )  # fmt: skip
    refusal = _refusal(make_clip(days), binaries)
    assert refusal.code == "too_long"
    assert "48:00:00 is the limit" in refusal.sentence


_JITTERY = Clip(
    filters="setpts='(N*0.04+random(1)*0.01)/TB'",
    after=("-fps_mode", "vfr", "-video_track_timescale", "90000"),
)
_SLOWER_AND_SLOWER = Clip(
    filters="settb=1/1000000,setpts='N*N*40'",
    after=("-fps_mode", "passthrough", "-video_track_timescale", "1000000"),
)


@pytest.mark.parametrize(
    "clip",
    [
        Clip(seconds=0.04),
        _JITTERY,
        _SLOWER_AND_SLOWER,
        Clip(picture="testsrc2=size=96x54:rate=1/8", seconds=24),
    ],
    ids=["a single frame", "jittery times", "ever longer frames", "slides"],
)
def test_a_rate_that_makes_no_sense_becomes_one_that_does(
    make_clip: MakeClip, binaries: Binaries, clip: Clip
) -> None:
    source = probe(make_clip(clip), binaries.ffprobe)
    plan = build_plan(source, load_ladder(PROJECT_ROOT / "config" / "ladder.yaml"), PlanOptions())
    assert 1 <= plan.frame_rate <= 60
    assert plan.duration == pytest.approx(source.duration, abs=float(1 / plan.frame_rate))


def test_a_picture_that_an_edit_list_leaves_out_whole_is_empty(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # The edit begins behind the last frame.
    behind = (1_000_000).to_bytes(4)
    nothing = patched(make_clip(Clip()), tmp_path / "nothing.mp4", b"elst", _FIRST_ENTRY + 4, behind)
    assert _refusal(nothing, binaries).code == "empty_video"


def test_a_file_of_more_packets_than_any_film_is_refused_by_name(
    make_clip: MakeClip, binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_PACKETS", 5)
    with pytest.raises(SourceRejected) as caught:
        demux(make_clip(Clip()), binaries.ffprobe, 0)
    assert caught.value.code == "too_many_packets"
