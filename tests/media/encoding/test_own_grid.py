"""Encoding on the keyframes of the source: one at each of them, and nowhere else."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.encoding.encoders import HARDWARE, Encoder, video_options
from nightreel.media.encoding.encoders.encoder import Family
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.frame_rate import STANDARD_RATES
from nightreel.media.planning.grid import MOST_KEYFRAMES, Grid
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import SMALL, TIMEOUT_SECONDS, job_for
from tests.media.encoding.test_encoders import CODECS, CUTS
from tests.media.sources import source

OWN = Grid(Fraction(30_000, 1001), 93, (0, 7, 30, 31, 74), (0, 74))
LONGEST_ARGUMENT_BYTES = 128 * 1024
"""Linux: MAX_ARG_STRLEN, with the byte that ends it."""


@pytest.fixture(scope="module")
def clip(make_clip: MakeClip) -> Path:
    """Scenes change within GOPs, where encoders would like to insert keyframes."""
    return make_clip(Clip(picture=CUTS.format(rate="30000/1001"), seconds=3.1))


@pytest.fixture(scope="module")
def plan(clip: Path, binaries: Binaries) -> Plan:
    return build_plan(probe(clip, binaries.ffprobe), SMALL, PlanOptions(codecs=CODECS), OWN)


@pytest.mark.parametrize("codec", CODECS)
def test_every_encoder_puts_keyframes_exactly_where_the_source_has_them(
    codec: str, clip: Path, plan: Plan, binaries: Binaries, tmp_path: Path
) -> None:
    name = next(item.name for item in plan.video if item.codec == codec)
    outputs = {name: tmp_path / "made.mp4"}
    encode(
        job_for(plan, name),
        plan,
        clip,
        outputs,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    made = measure.picture(outputs[name])
    assert made.keyframes == OWN.keyframes
    assert len(made.times) == plan.frames


@pytest.mark.parametrize("family", ["software", *HARDWARE])
def test_every_encoder_is_told_all_keyframes_and_that_gops_are_no_longer_than_the_longest(
    family: Family, plan: Plan
) -> None:
    options = _options(plan, family)
    assert options["force_key_frames:v"] == "0.00,0.22,0.98,1.02,2.45"
    assert options["g"] == 43


@given(st.sampled_from([*STANDARD_RATES, Fraction(23_000, 1001)]), st.integers(1, 2_000_000))
def test_a_time_that_ffmpeg_is_told_is_after_the_frame_before_the_keyframe_and_not_after_it(
    rate: Fraction, frame: int
) -> None:
    described = source(duration=float((frame + 1) / rate), rate=rate)
    plan = build_plan(described, SMALL, PlanOptions(), Grid(rate, frame + 1, (0, frame), (0,)))
    first, told = _told(plan)
    assert first == 0
    assert (frame - 1) / plan.frame_rate < told < frame / plan.frame_rate


def test_as_many_keyframes_as_a_plan_takes_fit_into_one_argument() -> None:
    frames = tuple(range(0, 250 * MOST_KEYFRAMES, 250))
    described = source(duration=10.0 * MOST_KEYFRAMES)
    plan = build_plan(
        described, SMALL, PlanOptions(), Grid(Fraction(25), 250 * MOST_KEYFRAMES, frames, frames)
    )
    assert len(_options(plan)["force_key_frames:v"].encode()) < LONGEST_ARGUMENT_BYTES


def _options(plan: Plan, family: Family = "software") -> dict[str, Any]:
    return video_options(plan, plan.video[0], Encoder(codec="h264", family=family))


def _told(plan: Plan) -> Iterator[Fraction]:
    yield from (Fraction(time) for time in _options(plan)["force_key_frames:v"].split(","))
