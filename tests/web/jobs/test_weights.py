"""What the steps of a title cost, as past conversions show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.catalog.runs import ConversionTimes, StepTime
from nightreel.runs.steps import DECISIVE_STEPS
from nightreel.web.jobs.weights import UNKNOWN, weights_of

LABELS = ["", " 1080p", " 360p", " audio en"]
NAMES = st.sampled_from([step + label for step in DECISIVE_STEPS for label in LABELS] + ["cleanup", "1080p"])
TIMES = st.builds(StepTime, began=st.floats(0, 1e9), seconds=st.floats(0, 1e5))
HISTORY = st.lists(
    st.builds(
        ConversionTimes,
        duration_seconds=st.floats(min_value=0.01, max_value=1e5),
        steps=st.dictionaries(NAMES, TIMES, max_size=8),
    ),
    max_size=5,
)


def conversion(duration: float = 100.0, **steps: tuple[float, float]) -> ConversionTimes:
    """Steps as `transcode_720p=(began, seconds)`."""
    times = {name.replace("_", " ", 1): StepTime(*time) for name, time in steps.items()}
    return ConversionTimes(duration, times)


@given(HISTORY, st.sampled_from([None, "", "0p", "av1 4320p", "audio en", "1080p"]))
def test_whatever_was_recorded_the_shares_make_up_a_whole_and_every_part_costs_something(
    history: list[ConversionTimes], label: str | None
) -> None:
    weights = weights_of(history)
    assert sum(weights.steps.values()) == pytest.approx(1)
    assert min(weights.steps.values()) >= 0
    assert weights.of_part(label) > 0


def test_a_catalog_without_history_has_customary_weights() -> None:
    assert weights_of([]) == UNKNOWN
    assert weights_of([conversion(upload=(0, 5))]) == UNKNOWN


def test_encodes_side_by_side_take_the_time_of_one() -> None:
    together = conversion(transcode_720p=(0, 60), transcode_360p=(0, 60), upload=(60, 60))
    assert weights_of([together]).steps["transcode"] == pytest.approx(0.5)


def test_the_pause_before_another_try_is_not_work() -> None:
    repeated = conversion(transcode_720p=(0, 30), transcode_360p=(9000, 30), upload=(9030, 60))
    assert weights_of([repeated]).steps["transcode"] == pytest.approx(0.5)


def test_a_long_title_counts_no_more_than_a_short_one() -> None:
    short = conversion(10.0, transcode_720p=(0, 1), validate=(1, 3))
    long = conversion(9000.0, transcode_720p=(0, 3000), validate=(3000, 1000))
    assert weights_of([short, long]).steps["validate"] == pytest.approx(0.5)


def test_a_job_costs_what_it_took_for_a_second_of_source() -> None:
    short = conversion(10.0, transcode_1080p=(0, 20), transcode_360p=(0, 5))
    long = conversion(1000.0, transcode_1080p=(0, 2000), transcode_360p=(0, 500))
    weights = weights_of([short, long])
    assert weights.of_part("1080p") == pytest.approx(4 * weights.of_part("360p"))


def test_a_job_that_there_never_was_is_judged_by_the_heights_of_its_pictures() -> None:
    weights = weights_of([conversion(transcode_720p=(0, 50))])
    assert weights.of_part("1440p") == pytest.approx(4 * weights.of_part("720p"))
    assert weights.of_part("hevc 1440p") == weights.of_part("1440p")
    assert weights.of_part("hevc 720p 360p") == pytest.approx(1.25 * weights.of_part("720p"))
    assert weights.of_part("audio en") < weights.of_part("240p")
