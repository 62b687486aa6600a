import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nightreel.media.inspection.probe import probe
from nightreel.media.inspection.which_picture import PictureTrack, film_of, why_left_out
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, remuxed
from tests.media.conftest import MakeClip

_FILM = PictureTrack(0, width=640, height=360, frames=250, seconds=10.0)

_tracks = st.lists(
    st.builds(
        PictureTrack,
        index=st.just(0),
        codec=st.sampled_from(["h264", "mjpeg", "unknown"]),
        width=st.integers(0, 4096),
        height=st.integers(0, 4096),
        frames=st.sampled_from([0, 1, 2, 50, 250, 5000]),
        seconds=st.sampled_from([0.0, 0.04, 1.8, 10.0, 200.0]),
        default=st.booleans(),
        cover=st.booleans(),
    ),
    max_size=6,
).map(lambda found: [replace(track, index=index) for index, track in enumerate(found)])


@given(_tracks, st.randoms())
def test_the_film_does_not_depend_on_the_order_in_which_tracks_are_looked_at(
    tracks: list[PictureTrack], chance: object
) -> None:
    shuffled = list(tracks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert film_of(shuffled) == film_of(tracks)


@given(_tracks)
def test_a_cover_is_never_the_film_and_anything_else_may_be(tracks: list[PictureTrack]) -> None:
    film = film_of(tracks)
    assert (film is None) == all(track.cover for track in tracks)
    assert film is None or not film.cover


@given(_tracks)
def test_no_single_frame_is_taken_where_another_track_has_more(tracks: list[PictureTrack]) -> None:
    film = film_of(tracks)
    assume(film is not None and any(track.frames > 1 and not track.cover for track in tracks))
    assert film is not None
    assert film.frames > 1


# A longer one that is not enabled says nothing of the two that are.
@example(
    [
        PictureTrack(0, width=1, height=1, frames=50, seconds=10.0),
        PictureTrack(1, width=2, height=2, frames=2, seconds=0.04),
        PictureTrack(2, width=1, height=1, frames=5000, seconds=200.0, default=False),
    ]
)
@given(_tracks)
def test_no_other_track_is_better_in_every_way(tracks: list[PictureTrack]) -> None:
    film = film_of(tracks)
    assume(film is not None and film.frames > 1)
    assert film is not None
    for other in tracks:
        if other.cover or other.frames < 2:
            continue
        as_good = other.decodable >= film.decodable and other.moves >= film.moves
        better = other.decodable > film.decodable or other.moves > film.moves
        better |= other.default > film.default
        better |= other.default == film.default and other.seconds > film.seconds * 1.2 > 0
        assert not (as_good and better)


@given(_tracks)
def test_every_other_track_is_told_by_its_number(tracks: list[PictureTrack]) -> None:
    film = film_of(tracks)
    assume(film is not None)
    assert film is not None
    for track in tracks:
        if track != film:
            assert f"in track {track.index} " in why_left_out(track, film)


@pytest.mark.parametrize(
    "other",
    [
        replace(_FILM, index=1, width=1000, height=1500, frames=1, seconds=0.04),
        replace(_FILM, index=1, width=4096, height=3072, frames=10, seconds=10.0),
        replace(_FILM, index=1, width=4096, height=3072, default=False),
        replace(_FILM, index=1, width=4096, height=3072, seconds=3.0, frames=75),
        replace(_FILM, index=1, width=320, height=180),
        replace(_FILM, index=1, width=4096, height=3072, codec="unknown"),
        replace(_FILM, index=1, width=4096, height=3072, cover=True),
        replace(_FILM, index=1),
    ],
    ids=["cover", "stills", "disabled", "shorter", "smaller", "undecodable", "marked", "twin"],
)
def test_the_film_is_what_a_player_would_show(other: PictureTrack) -> None:
    assert film_of([other, _FILM]) == _FILM


def _joined(
    first: Path, second: Path, path: Path, binaries: Binaries, *, after: tuple[str, ...] = ()
) -> Path:
    return remuxed(second, path, binaries.ffmpeg, before=("-i", str(first)), after=("-map", "1", *after))


_STILLS = Clip(picture="testsrc2=size=512x384:rate=1", seconds=2)


def test_a_burst_of_large_stills_beside_a_film_is_left_out_and_told(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    photo = _joined(make_clip(Clip()), make_clip(_STILLS), tmp_path / "photo.mp4", binaries)
    found = probe(photo, binaries.ffprobe)
    assert (found.video.index, found.video.width, found.frames) == (0, 192, 50)
    (stills,) = [track.left_out for track in found.tracks if track.left_out]
    assert "The picture in track 1 (512×384, 2 frames) was left out" in stills


def test_a_cover_that_matroska_calls_a_video_is_left_out_and_told(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    cover = tmp_path / "cover.jpg"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "color=size=640x640", "-frames:v", "1"]
    subprocess.run([*command, "-update", "1", str(cover)], check=True, timeout=60)
    marks = ("-disposition:v:0", "default", "-disposition:v:1", "0")
    film = _joined(cover, make_clip(Clip()), tmp_path / "film.mkv", binaries, after=marks)
    found = probe(film, binaries.ffprobe)
    assert (found.video.index, found.video.width, found.frames) == (1, 192, 50)
    assert found.tracks[0].left_out.startswith("The picture in track 0 is a single still")


def test_a_disabled_depth_map_is_left_out_however_large(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    depth = make_clip(Clip(picture="testsrc2=size=384x216:rate=25"))
    marks = ("-disposition:v:0", "0", "-disposition:v:1", "default")
    film = _joined(depth, make_clip(Clip()), tmp_path / "film.mp4", binaries, after=marks)
    found = probe(film, binaries.ffprobe)
    assert (found.video.index, found.video.width) == (1, 192)
