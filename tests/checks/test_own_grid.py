"""A release on its source's own grid: the gate wants every track on exactly these keyframes and cuts."""

from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import m3u8
import pytest

from nightreel.checks.facts.track import measure_track, renditions_in
from nightreel.checks.gate import judge_track
from nightreel.media.encoding.transcode import encode
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.plan import PlanOptions
from nightreel.vocabulary import release
from tests.checks.material import BINARIES, LIMIT_SECONDS, ONE_RUNG, TWO_RUNGS, Material, ffmpeg, make_release
from tests.media import measure
from tests.media.encoded import AAC_FRAME, job_for

RATE = Fraction(30_000, 1001)
FRAMES = 480
OWN = Grid(RATE, FRAMES, (0, 37, 100, 173, 297, 350, 351, 420), (0, 100, 297, 350))
PICTURES = ("54p", "108p")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Sixteen seconds: two pictures, a sound, subtitles. Not to be written to."""
    folder = tmp_path_factory.mktemp("own_grid")
    cues = folder / "cues.srt"
    cues.write_text("1\n00:00:01,000 --> 00:00:08,000\nOver cuts\n\n2\n00:00:09,000 --> 00:00:15,000\nEnd\n")
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=192x108:r={RATE}", "-f", "lavfi", "-i", "sine=440:r=48000"),
        *("-i", str(cues), "-t", str(float(FRAMES / RATE)), "-vf", "noise=alls=20:allf=t"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s", "srt"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=eng", str(folder / "source.mkv")),
    )
    return make_release(folder / "source.mkv", folder, TWO_RUNGS, PlanOptions(), OWN)


def playlist(made: Material, name: str) -> m3u8.M3U8:
    return m3u8.loads((made.directory / name).read_text())


def cuts(made: Material, name: str) -> list[float]:
    """Seconds at which a track's segments start, as its playlist says."""
    segments = playlist(made, release.playlist_name(name)).segments
    return [0.0, *accumulate(segment.duration for segment in segments)][:-1]


def test_the_gate_passes_it_and_tells_what_apple_would_have_otherwise(made: Material) -> None:
    result = made.judged()
    assert [str(failure) for failure in result.failures] == []
    assert {verdict.rule for verdict in result.advice} == {"keyframe-interval", "segment-length-usual"}


def test_a_short_last_segment_may_have_most_of_the_bits(tmp_path: Path) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=192x108:r=25:d=12"),
        *("-vf", "noise=alls=60:allf=t:enable='gte(t,10)'", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-pix_fmt", "yuv420p", str(tmp_path / "source.mp4")),
    )
    grid = Grid(Fraction(25), 300, (0, 250), (0, 250))
    made = make_release(tmp_path / "source.mp4", tmp_path, ONE_RUNG, PlanOptions(), grid)
    assert [str(failure) for failure in made.judged().failures] == []


def test_the_gate_passes_it_encrypted(made: Material, tmp_path: Path) -> None:
    assert [str(failure) for failure in made.encrypted(tmp_path / "release").judged().failures] == []


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_keyframes_where_the_source_has_them_and_nowhere_else(
    name: str, made: Material, tmp_path: Path
) -> None:
    numbers = range(len(OWN.cuts))
    names = [release.init_name(name), *(release.segment_name(name, number) for number in numbers)]
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(b"".join((made.directory / each).read_bytes() for each in names))
    picture = measure.picture(whole)
    assert len(picture.times) == FRAMES
    assert picture.keyframes == OWN.keyframes


@pytest.mark.parametrize("name", PICTURES)
def test_a_segment_of_the_picture_starts_with_the_frame_at_which_the_source_is_cut(
    name: str, made: Material
) -> None:
    (rendition,) = renditions_in([measure_track(made.directory, made.plan, made.plan.rendition(name))])
    timings = [segment.timing for segment in rendition.segments]
    assert [timing and timing.shown_start for timing in timings] == [frame / RATE for frame in OWN.cuts]
    assert [timing and timing.early_frames for timing in timings] == [0] * len(OWN.cuts)


@pytest.mark.rule("8.22")
def test_pictures_and_subtitles_are_cut_at_the_same_frames_and_sound_within_an_aac_frame(
    made: Material,
) -> None:
    planned = [float(frame / RATE) for frame in OWN.cuts]
    for name in (*PICTURES, "subs_en"):
        assert cuts(made, name) == pytest.approx(planned, abs=1e-5)
    assert cuts(made, "audio_en") == pytest.approx(planned, abs=float(AAC_FRAME))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.rule("6.3")
def test_every_keyframe_has_an_entry_in_the_list_of_them(name: str, made: Material) -> None:
    segments = playlist(made, release.iframe_playlist_name(name)).segments
    durations = [float(each) for each in made.plan.grid.gop_durations]
    assert [segment.duration for segment in segments] == pytest.approx(durations, abs=1e-6)


def test_no_playlist_tells_players_of_places_for_advertisements(made: Material) -> None:
    for path in made.directory.glob("*.m3u8"):
        tags = {line.partition(":")[0] for line in path.read_text().splitlines()}
        assert not tags & {"#EXT-X-PLACEMENT-OPPORTUNITY", "#EXT-X-DISCONTINUITY"}


def test_a_title_that_begins_with_its_picture_is_as_long_as_its_source_from_there_on(tmp_path: Path) -> None:
    ffmpeg(
        *("-itsoffset", "0.08", "-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=3"),
        *("-f", "lavfi", "-i", "sine=440:r=48000:d=3", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", str(tmp_path / "source.mp4")),
    )
    grid = Grid(Fraction(25), 75, (0,), (0,))
    late = make_release(tmp_path / "source.mp4", tmp_path, ONE_RUNG, PlanOptions(), grid)
    assert late.source.picture_start > 0.04
    assert [str(failure) for failure in late.judged().failures] == []


@pytest.mark.parametrize(
    ("keyframes", "rules"),
    [
        pytest.param((0, 38, 100, 173, 297, 350, 351, 420), {"keyframe-grid"}, id="one a frame later"),
        pytest.param((0, 37, 100, 173, 200, 297, 350, 351, 420), {"keyframe-grid"}, id="one more"),
        pytest.param((0, 37, 100, 173, 297, 350, 420), {"keyframe-grid"}, id="one less"),
        pytest.param((0, 37, 101, 173, 297, 350, 351, 420), {"keyframe-grid", "segment-start"}, id="a cut"),
    ],
)
def test_a_track_with_keyframes_elsewhere_is_refused(
    keyframes: tuple[int, ...], rules: set[str], made: Material, tmp_path: Path
) -> None:
    elsewhere = made.plan.model_copy(update={"keyframes": keyframes})
    other = tmp_path / "54p.mp4"
    encode(
        job_for(made.plan, "54p"),
        elsewhere,
        made.directory.parent / "source.mkv",
        {"54p": other},
        ffmpeg_binary=BINARIES.ffmpeg,
        timeout_seconds=LIMIT_SECONDS,
    )
    release_with_it = made.repackaged(tmp_path / "release", **{"54p": other})
    track = measure_track(release_with_it.directory, made.plan, made.plan.rendition("54p"))

    failures = judge_track(track, made.plan, made.source).failures

    assert {failure.rule for failure in failures} >= rules
