"""The server that other tests stand on: who may do what, and that runs wait."""

import pytest

from nightreel.runs.airflow_api import AirflowRefused
from tests.web.airflow_server import AirflowServer


def test_a_run_that_a_user_triggers_waits_in_the_queue(airflow_server: AirflowServer) -> None:
    conf = {"content_type": "movie", "content_id": "1"}
    with airflow_server.client("user") as airflow:
        run_id = airflow.trigger("convert_title", conf, "waits")
        assert airflow.run("convert_title", run_id).state == "queued"
        assert {task.task_id for task in airflow.task_instances("convert_title", run_id)} >= {
            "claim",
            "publish",
        }


def test_a_viewer_reads_and_triggers_nothing(airflow_server: AirflowServer) -> None:
    with airflow_server.client("viewer") as airflow:
        assert {dag.dag_id for dag in airflow.dags()} == {"convert_title", "housekeeping", "nightly_backlog"}
        with pytest.raises(AirflowRefused, match="Forbidden"):
            airflow.trigger("convert_title", {"content_type": "movie", "content_id": "1"})
