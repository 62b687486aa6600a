"""Nothing that a catalog, a file or a person wrote is a template: the fields of every operator."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.definitions.xcom_arg import XComArg

from nightreel.orchestration.operators import GivenLiterally
from tests.dags.test_all_dags import DAG_IDS

NAME_ALONE = re.compile(r"\{\{ [a-z_]+(\.[a-z_]+|\['[a-z_]+'\])* \}\}")
"""A template that shows one value: it calls nothing, and joins nothing to it."""


@pytest.fixture(params=DAG_IDS)
def dag(bag: DagBag, request: pytest.FixtureRequest) -> DAG:
    return bag.dags[request.param]


def operator_class(task: Any) -> type:
    return task.operator_class if isinstance(task, MappedOperator) else type(task)


def given(task: Any) -> dict[str, Any]:
    """What the template fields of a task hold when its DAG is read, mapped ones too."""
    if not isinstance(task, MappedOperator):
        return {field: getattr(task, field) for field in task.template_fields}
    mapped = [task.expand_input, getattr(task, "op_kwargs_expand_input", DictOfListsExpandInput({}))]
    return {
        **{
            field: task.partial_kwargs[field]
            for field in task.template_fields
            if field in task.partial_kwargs
        },
        **{f"expand {number}": each.value for number, each in enumerate(mapped)},
    }


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set)):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def test_no_operator_renders_what_it_is_given(dag: DAG) -> None:
    rendering = [task.task_id for task in dag.tasks if not issubclass(operator_class(task), GivenLiterally)]
    assert rendering == []


def test_an_operator_is_given_literals_of_our_own_and_what_other_tasks_return(dag: DAG) -> None:
    for task in dag.tasks:
        for value in leaves(given(task)):
            assert isinstance(value, (str, int, float, bool, XComArg, type(None))), (task.task_id, value)
            # It would be taken as it is.
            assert "{" not in str(value if isinstance(value, str) else ""), (task.task_id, value)


def test_the_name_of_a_mapped_task_is_one_value_which_airflow_does_not_render_again(dag: DAG) -> None:
    for task in dag.tasks:
        template = task.map_index_template
        if template is not None:
            assert isinstance(task, MappedOperator)
            assert NAME_ALONE.fullmatch(template), task.task_id


def test_the_walk_sees_the_mapped_arguments(bag: DagBag) -> None:
    """Else it would have nothing to say."""
    transcode = given(bag.dags["convert_title"].task_dict["transcode"])
    convert = given(bag.dags["nightly_backlog"].task_dict["convert"])
    assert [type(value) for value in leaves(transcode)].count(str) >= 2
    assert any(isinstance(value, XComArg) for value in leaves(transcode))
    assert any(isinstance(value, XComArg) for value in leaves(convert))
