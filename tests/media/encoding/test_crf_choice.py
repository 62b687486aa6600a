"""The quality that meets a target is estimated from trials, never beyond what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.encoding.crf_choice import SCALES, Trial, chosen, first_guess, untried
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import VideoCodec
from tests.media.planning.test_first_release import picture

RATE = 5_000_000


def _rendition(codec: VideoCodec = "h264", target: float = 95.0) -> VideoRendition:
    return picture(1080).model_copy(update={"codec": codec, "video_bps": RATE, "target_vmaf": target})


def _title(crf: float, *, points: float = 0.8, at_26: float = 97.0, bps_at_26: float = 1_600_000.0) -> Trial:
    """A title of which VMAF and bits fall evenly."""
    return Trial(crf, at_26 - (crf - 26) * points, bps_at_26 * 2 ** ((26 - crf) / 5))


@given(st.floats(0.5, 1.5), st.floats(94, 97.5))
def test_two_trials_of_an_even_title_lead_to_its_target(points: float, at_26: float) -> None:
    first = _title(26, points=points, at_26=at_26)
    second = _title(first_guess(_rendition(), first), points=points, at_26=at_26)
    choice = chosen(_rendition(), first, (first, second))
    assert choice.crf is not None
    reached = _title(choice.crf, points=points, at_26=at_26).vmaf
    wanted = 26 + (at_26 - 96.0) / points
    if abs(wanted - 26) <= 6:
        assert reached == pytest.approx(96.0, abs=0.4)
    assert choice.vmaf_expected == pytest.approx(reached, abs=0.4)


def test_one_that_needs_all_of_the_rate_gets_the_rate() -> None:
    hard = _title(26, at_26=90, bps_at_26=4_000_000)
    assert chosen(_rendition(), hard).crf is None


def test_one_that_needs_less_gets_its_quality() -> None:
    assert chosen(_rendition(), _title(26, at_26=96.0, bps_at_26=4_000_000)).crf == 26


def test_one_that_needs_next_to_nothing_gets_a_little_more() -> None:
    dear, cheap = (_title(26, at_26=96.0, bps_at_26=bps) for bps in (1_000_000, 200_000))
    assert chosen(_rendition(), dear).crf == 26
    better = chosen(_rendition(), cheap)
    assert better.crf == 22
    assert better.vmaf_expected is not None
    assert better.vmaf_expected > 97


@given(
    st.sampled_from(["h264", "hevc", "av1"]),
    st.floats(0, 100),
    st.floats(1, 1e8),
    st.floats(0, 100),
    st.floats(1, 1e8),
    st.floats(-4, 4),
)
def test_no_trials_lead_off_the_scale_of_the_codec(
    codec: VideoCodec, vmaf: float, bps: float, other_vmaf: float, other_bps: float, steps: float
) -> None:
    scale = SCALES[codec]
    first = Trial(scale.first, vmaf, bps)
    choice = chosen(_rendition(codec), first, (first, Trial(scale.first + steps, other_vmaf, other_bps)))
    assert choice.crf is None or scale.best <= choice.crf <= scale.worst


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_a_title_without_trials_gets_a_better_quality_than_most_need(codec: VideoCodec) -> None:
    choice = untried(_rendition(codec))
    assert choice.crf is not None
    assert choice.crf < SCALES[codec].first
    assert choice.vmaf_expected is None
