"""What is seen of a night through a real API server of Airflow."""

import json

import pytest

from nightreel.catalog import Catalog
from nightreel.cli.following import FollowedNight
from nightreel.runs.dags import BACKLOG_DAG
from nightreel.runs.progress import PROGRESS_KEY
from tests.cli.conftest import Run
from tests.web.airflow_server import AirflowServer, airflow_server

__all__ = ["airflow_server"]

NIGHT = "manual__a_night_that_is_watched"

_RUN = "UPDATE dag_run SET state = %s, start_date = now() WHERE run_id = %s"
_TASK = "UPDATE task_instance SET state = %s, start_date = now() WHERE run_id = %s AND task_id = 'convert'"
_KEEP = """
    INSERT INTO task_state_store (dag_run_id, task_id, map_index, key, dag_id, run_id, value, updated_at)
    SELECT id, 'convert', -1, %s, dag_id, run_id, %s, now() FROM dag_run WHERE run_id = %s
"""


@pytest.fixture
def night(airflow_server: AirflowServer) -> str:
    """A night whose task hands out runs, and keeps how many titles it has left."""
    with airflow_server.client() as airflow:
        airflow.trigger(BACKLOG_DAG, {}, NIGHT)
    airflow_server.query(_RUN, "running", NIGHT)
    airflow_server.query(_TASK, "running", NIGHT)
    airflow_server.query(_KEEP, PROGRESS_KEY, json.dumps({"waiting": 37, "in_work": 2}), NIGHT)
    return NIGHT


def test_the_titles_that_wait_are_those_that_the_nights_task_tells(
    airflow_server: AirflowServer, night: str, catalog: Catalog
) -> None:
    with airflow_server.client() as airflow:
        followed = FollowedNight(airflow, catalog, night)
        seen = followed.look()
        assert (seen.step, seen.titles_to_begin, seen.waiting) == ("convert", 37, 37)
        airflow_server.query(_RUN, "success", night)
        assert followed.look().titles_to_begin == 0


def test_json_without_waiting_is_told_what_it_is_for(run: Run) -> None:
    answer = run("backlog", "--json")
    assert answer.exit_code == 2
    assert "--wait" in answer.stderr
