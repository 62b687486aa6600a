"""How far a run is, by what its tasks say."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.runs.airflow_api import TaskState
from nightreel.runs.steps import DECISIVE_STEPS, Step
from nightreel.web.jobs.progress import LAST_PERCENT, TaskProgress, advanced, seconds_left, share_done
from nightreel.web.jobs.weights import UNKNOWN, Weights

LABELS = st.sampled_from([None, "1080p", "hevc 720p", "240p", "audio en", "subs fr"])
TASKS = st.lists(
    st.builds(
        TaskProgress,
        task_id=st.sampled_from([*DECISIVE_STEPS, "cleanup", "another"]),
        state=st.sampled_from([None, *get_args(TaskState)]),
        label=LABELS,
        percent=st.floats(min_value=-10, max_value=1000),
    ),
    max_size=12,
)
COSTS = st.floats(min_value=0.001, max_value=1000)
WEIGHTS = st.builds(
    Weights,
    steps=st.dictionaries(st.sampled_from(DECISIVE_STEPS), COSTS, min_size=1),
    parts=st.dictionaries(LABELS.map(str), COSTS),
)


def tasks_in(state: TaskState | None) -> list[TaskProgress]:
    return [TaskProgress(step, state) for step in DECISIVE_STEPS]


@given(st.lists(TASKS, min_size=1, max_size=6), WEIGHTS)
def test_no_sequence_of_task_states_lowers_the_percentage_or_completes_it(
    seen: list[list[TaskProgress]], weights: Weights
) -> None:
    shown = [0.0]
    for tasks in seen:
        shown.append(advanced(shown[-1], tasks, weights))
    assert shown == sorted(shown)
    assert 0 <= shown[0] <= shown[-1] <= LAST_PERCENT


@given(TASKS, WEIGHTS)
def test_the_share_done_is_a_share(tasks: list[TaskProgress], weights: Weights) -> None:
    assert 0 <= share_done(tasks, weights) <= 1


@given(TASKS, WEIGHTS, st.data())
def test_a_task_that_gets_done_takes_the_run_no_way_back(
    tasks: list[TaskProgress], weights: Weights, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, max(len(tasks) - 1, 0)))
    after = [
        TaskProgress(task.task_id, "success", task.label) if index == number else task
        for index, task in enumerate(tasks)
    ]
    assert share_done(after, weights) >= share_done(tasks, weights) - 1e-9


def test_a_run_begins_with_nothing_and_ends_with_all() -> None:
    assert share_done(tasks_in(None), UNKNOWN) == 0
    assert share_done(tasks_in("success"), UNKNOWN) == pytest.approx(1)


def test_encoding_counts_by_how_far_each_rendition_is_and_by_what_it_costs() -> None:
    weights = Weights({Step.TRANSCODE: 1.0}, {"1080p": 3.0, "360p": 1.0})
    large = TaskProgress(Step.TRANSCODE, "running", "1080p", 50.0)
    small = TaskProgress(Step.TRANSCODE, None, "360p")
    assert share_done([large, small], weights) == pytest.approx(3 * 0.5 / 4)


def test_what_is_to_be_tried_again_is_not_begun() -> None:
    again = TaskProgress(Step.TRANSCODE, "up_for_retry", "720p", 80.0)
    assert share_done([again], UNKNOWN) == 0


def test_the_time_left_follows_from_the_pace_so_far() -> None:
    assert seconds_left(0.25, 100.0) == pytest.approx(300.0)
    assert seconds_left(0.001, 1.0) is None
