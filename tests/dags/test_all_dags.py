"""What every DAG has."""

from datetime import timedelta
from itertools import chain

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.definitions.mappedoperator import MappedOperator

from nightreel.orchestration.pools import ENCODE_MANUAL, pool_slots
from nightreel.orchestration.retries import RETRY_POLICY
from nightreel.settings import settings

DAG_IDS = ("convert_title", "housekeeping", "nightly_backlog")


@pytest.fixture(params=DAG_IDS)
def dag(bag: DagBag, request: pytest.FixtureRequest) -> DAG:
    return bag.dags[request.param]


def arguments(task: object) -> dict[str, object]:
    """What a task was given, whether it is mapped or not."""
    names = (
        "owner",
        "retries",
        "retry_delay",
        "retry_exponential_backoff",
        "max_retry_delay",
        "retry_policy",
    )
    source = task.partial_kwargs if isinstance(task, MappedOperator) else vars(task)
    return {name: source[name] for name in names}


def test_every_file_is_imported_without_an_error(bag: DagBag) -> None:
    assert bag.import_errors == {}


def test_these_are_the_dags(bag: DagBag) -> None:
    assert sorted(bag.dags) == list(DAG_IDS)


def test_the_page_of_a_dag_says_what_it_does_its_parameters_and_whether_it_is_safe_to_repeat(
    dag: DAG,
) -> None:
    assert dag.doc_md is not None
    heading, _, rest = dag.doc_md.strip().partition("\n")
    assert heading.startswith("### ")
    assert "**Parameters**: " in rest
    assert "**Safe to run twice**: yes" in rest


def test_a_page_names_every_parameter_of_its_dag_and_no_other_may_be_given(dag: DAG) -> None:
    assert dag.doc_md is not None
    said = dag.doc_md.partition("**Parameters**: ")[2].partition("\n\n")[0]
    assert [name for name in dag.params if f"`{name}`" not in said] == []
    assert bool(dag.params) is not said.startswith("none")


def test_a_page_names_every_step(dag: DAG) -> None:
    assert dag.doc_md is not None
    steps = {task_id for task_id in dag.task_dict if not task_id.rpartition("_")[2].isdecimal()}
    assert [step for step in steps if f"**{step}**" not in dag.doc_md] == []


def test_every_task_has_an_owner_and_the_dag_its_tags(dag: DAG) -> None:
    assert {arguments(task)["owner"] for task in dag.tasks} == {"nightreel"}
    assert "nightreel" in dag.tags
    assert len(dag.tags) > 1


def test_every_task_but_the_last_is_retried_with_growing_pauses_by_the_one_policy(dag: DAG) -> None:
    options = settings()
    for task in (task for task in dag.tasks if task.task_id != "notify"):
        assert arguments(task) == {
            "owner": "nightreel",
            "retries": options.retries,
            "retry_delay": timedelta(seconds=options.retry_delay_seconds),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(seconds=options.max_retry_delay_seconds),
            "retry_policy": RETRY_POLICY,
        }


@pytest.mark.parametrize("dag_id", ["convert_title", "nightly_backlog"])
def test_notifying_is_tried_more_often_and_holds_its_run_for_minutes_at_most(
    bag: DagBag, dag_id: str
) -> None:
    given, usual = arguments(bag.dags[dag_id].task_dict["notify"]), settings()
    assert given["retries"] > usual.retries
    assert given["retry_delay"] <= timedelta(seconds=5)
    assert given["max_retry_delay"] <= timedelta(minutes=1)
    assert (given["retry_exponential_backoff"], given["retry_policy"]) == (2.0, RETRY_POLICY)


def test_every_task_ends_some_day(dag: DAG) -> None:
    assert [task.task_id for task in dag.tasks if task.execution_timeout is None] == []


def test_no_run_is_made_up_for_the_past(dag: DAG) -> None:
    assert dag.catchup is False


def test_every_pool_that_a_task_waits_for_is_made_at_the_start(bag: DagBag) -> None:
    used = {task.pool for task in chain.from_iterable(dag.tasks for dag in bag.dags.values())}
    # The cluster policy, not the DAG, moves tasks into the pool of what people asked for.
    assert used | {ENCODE_MANUAL} == {"default_pool", *pool_slots(settings())}


def test_no_task_wants_more_slots_than_its_pool_has(bag: DagBag) -> None:
    slots = pool_slots(settings())
    for task in chain.from_iterable(dag.tasks for dag in bag.dags.values()):
        assert task.pool_slots <= slots.get(task.pool, 1)
