"""Which task waits for which."""

from datetime import timedelta
from itertools import pairwise

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.definitions.mappedoperator import MappedOperator

from nightreel.orchestration.tasks import limit_time, record_failure
from nightreel.runs.steps import NightStep, Step
from nightreel.settings import settings

STEPS = list(Step)
TEARDOWNS = ["cleanup", "notify"]


@pytest.fixture
def title_dag(bag: DagBag) -> DAG:
    return bag.dags["convert_title"]


@pytest.fixture
def backlog_dag(bag: DagBag) -> DAG:
    return bag.dags["nightly_backlog"]


def test_a_title_takes_its_steps_one_after_the_other(title_dag: DAG) -> None:
    assert sorted(title_dag.task_dict) == sorted(STEPS)
    for before, after in pairwise(STEPS):
        assert after in title_dag.task_dict[before].downstream_task_ids


def test_no_step_begins_before_the_claim_is_made(title_dag: DAG) -> None:
    later = {task.task_id for task in title_dag.task_dict["claim"].get_flat_relatives(upstream=False)}
    assert later == set(STEPS) - {"claim"}


def test_nothing_is_uploaded_unless_the_gate_was_passed(title_dag: DAG) -> None:
    gate = title_dag.task_dict["validate"]
    assert {task.task_id for task in gate.get_flat_relatives(upstream=False)} >= {"upload", "publish"}
    assert {title_dag.task_dict[step].trigger_rule for step in ("upload", "publish")} == {"all_success"}


def test_cleaning_up_and_notifying_follow_every_claim_and_can_neither_hide_a_failure_nor_be_one(
    title_dag: DAG,
) -> None:
    assert title_dag.task_dict["claim"].is_setup
    teardowns = {task_id: task for task_id, task in title_dag.task_dict.items() if task.is_teardown}
    assert set(teardowns) == set(TEARDOWNS)
    for task in teardowns.values():
        assert "claim" in task.upstream_task_ids
        assert not task.on_failure_fail_dagrun


def test_every_step_before_the_cleanup_records_why_it_failed(title_dag: DAG) -> None:
    for step in STEPS:
        task = title_dag.task_dict[step]
        given = task.partial_kwargs if isinstance(task, MappedOperator) else vars(task)
        callback = given["on_failure_callback"]
        callbacks = callback if isinstance(callback, (list, tuple)) else [callback]
        assert [each for each in callbacks if each] == ([] if step in TEARDOWNS else [record_failure])


def test_encodes_are_mapped_named_and_ended_in_proportion_to_the_source(title_dag: DAG) -> None:
    transcode = title_dag.task_dict["transcode"]
    assert isinstance(transcode, MappedOperator)
    assert transcode.map_index_template == "{{ task.op_kwargs['work']['label'] }}"
    assert transcode.pool == "encode"
    assert transcode.partial_kwargs["pre_execute"] is limit_time


def test_uploads_wait_for_a_slot_of_their_own(title_dag: DAG) -> None:
    assert title_dag.task_dict["upload"].pool == "upload"


def test_the_night_scans_checks_converts_reports_and_notifies(backlog_dag: DAG) -> None:
    steps = list(NightStep)
    assert sorted(backlog_dag.task_dict) == sorted(steps)
    for before, after in pairwise(steps):
        assert after in backlog_dag.task_dict[before].downstream_task_ids


def test_the_night_is_reported_whatever_became_of_it(backlog_dag: DAG) -> None:
    assert backlog_dag.task_dict["report"].trigger_rule == "all_done"


def test_the_report_alone_says_whether_the_night_failed(backlog_dag: DAG) -> None:
    notify = backlog_dag.task_dict["notify"]
    assert backlog_dag.task_dict["report"].downstream_task_ids == {"notify"}
    assert notify.is_teardown
    assert not notify.on_failure_fail_dagrun
    assert notify.downstream_task_ids == set()


def test_a_night_ends_before_it_is_ended(backlog_dag: DAG) -> None:
    convert = backlog_dag.task_dict["convert"]
    night = timedelta(seconds=settings().backlog_timeout_seconds)
    assert convert.execution_timeout is not None
    assert backlog_dag.dagrun_timeout is not None
    assert night < convert.execution_timeout < backlog_dag.dagrun_timeout


def test_the_chores_do_not_wait_for_each_other(bag: DagBag) -> None:
    chores = bag.dags["housekeeping"].task_dict
    assert set(chores) == {
        *(
            "expired_claims",
            "abandoned_uploads",
            "superseded_releases",
            "unknown_releases",
            "orphaned_titles",
            "unnamed_uploads",
            "old_reports",
            "old_history",
            "work_area",
            "old_jobs",
            "notifications",
        ),
    }
    assert all(not chore.upstream_task_ids for chore in chores.values())
