"""Every state that Airflow has means something to who follows a run."""

from typing import get_args

import pytest
from airflow.utils.state import State, TaskInstanceState

from nightreel.runs.airflow_api import TaskState
from nightreel.runs.states import is_over, step_state


def test_airflow_has_no_state_that_is_not_known() -> None:
    assert {state.value for state in TaskInstanceState} == set(get_args(TaskState))


@pytest.mark.parametrize("state", [None, *get_args(TaskState)])
def test_a_step_is_over_exactly_when_its_task_is(state: TaskState | None) -> None:
    assert is_over(step_state(state)) is (state in {each.value for each in State.finished})
