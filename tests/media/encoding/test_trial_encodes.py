"""Titles of all kinds need no more bytes than the ladder gives them, and lose nothing that is seen."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from nightreel.media.encoding.comparison import Window, compare
from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.transcode import encode
from nightreel.media.encoding.trial_encodes import choose_qualities, windows
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from tests.media.clips import Clip
from tests.media.encoded import TIMEOUT_SECONDS, small_plan
from tests.media.planning.test_first_release import picture, plan_of

LADDER = Ladder(
    rungs=(
        Rung(height=90, video_bps=150_000, audio_bps=64_000, preset="veryfast"),
        Rung(height=180, video_bps=500_000, audio_bps=64_000, preset="veryfast"),
    )
)
SIZE = "size=320x180:rate=25"
KINDS = {
    "a moving chart": (f"testsrc2={SIZE}", ""),
    "a cartoon": (f"mandelbrot={SIZE}", ""),
    "a screen on which little moves": (f"testsrc={SIZE}", ""),
    "black": (f"color=black:{SIZE}", ""),
    "noise": (f"testsrc2={SIZE}", "noise=alls=60:allf=t"),
    "film grain": (f"mandelbrot={SIZE}", "noise=alls=8:allf=t"),
}


@pytest.fixture(scope="module")
def binaries() -> Binaries:
    return find_binaries()


def _crfs(plan: Plan, source: Path, folder: Path, binaries: Binaries) -> dict[str, float]:
    (job,) = plan.jobs
    choices = choose_qualities(job, plan, source, folder, ffmpeg_binary=binaries.ffmpeg, encoders={})
    return {name: choice.crf for name, choice in choices.items() if choice.crf is not None}


def _encoded(
    plan: Plan, source: Path, folder: Path, binaries: Binaries, crfs: Mapping[str, float]
) -> tuple[int, dict[str, float]]:
    """Bytes of all renditions, and the VMAF of each."""
    folder.mkdir()
    (job,) = plan.jobs
    files = {name: folder / f"{name}.mp4" for name in job.renditions}
    encode(
        job,
        plan,
        source,
        files,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
        # With one thread per encoder, x264 makes the same file twice.
        cores=1,
        crfs=crfs,
    )
    scores = compare(
        plan, plan.video, source, files, Window(0, plan.frames), ffmpeg_binary=binaries.ffmpeg, every=5
    )
    return sum(path.stat().st_size for path in files.values()), {
        name: fmean(found) for name, found in scores.items()
    }


@pytest.mark.parametrize("seconds", [8.0, 3.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_title_needs_no_more_than_the_fixed_rates_and_is_as_good_as_its_target(
    kind: str, seconds: float, tmp_path: Path, binaries: Binaries
) -> None:
    shown, filters = KINDS[kind]
    source = Clip(picture=shown, seconds=seconds, filters=filters, after=("-crf", "12")).write(
        tmp_path / "source.mp4", binaries.ffmpeg
    )
    plan = small_plan(source, binaries, ladder=LADDER)
    fixed_bytes, fixed = _encoded(plan, source, tmp_path / "fixed", binaries, {})
    crfs = _crfs(plan, source, tmp_path, binaries)
    own_bytes, own = _encoded(plan, source, tmp_path / "own", binaries, crfs)
    assert own_bytes <= fixed_bytes, crfs
    assert all(own[name] >= min(fixed[name], 95) - 1 for name in own), (own, fixed, crfs)


def test_places_are_spread_over_the_title() -> None:
    for seconds in (1, 3, 10, 300, 3600):
        plan = plan_of(picture(240)).model_copy(update={"frame_rate": Fraction(25), "frames": 25 * seconds})
        places = windows(plan)
        assert all(one.end <= other.first for one, other in pairwise(places))
        assert sum(place.frames for place in places) <= plan.frames / 2
        assert places[0].first > 0
        assert places[-1].end < plan.frames


def test_an_encoder_in_hardware_keeps_to_the_rates(tmp_path: Path, binaries: Binaries) -> None:
    source = Clip(seconds=1).write(tmp_path / "source.mp4", binaries.ffmpeg)
    plan = small_plan(source, binaries, ladder=LADDER)
    (job,) = plan.jobs
    hardware = {name: Encoder(codec="h264", family="nvenc") for name in job.renditions}
    assert (
        choose_qualities(job, plan, source, tmp_path, ffmpeg_binary=binaries.ffmpeg, encoders=hardware) == {}
    )


def test_a_ladder_with_fixed_rates_has_no_trials(tmp_path: Path, binaries: Binaries) -> None:
    source = Clip(seconds=1).write(tmp_path / "source.mp4", binaries.ffmpeg)
    fixed = LADDER.model_copy(update={"quality": "fixed"})
    plan = small_plan(source, binaries, ladder=fixed)
    assert _crfs(plan, source, tmp_path, binaries) == {}
