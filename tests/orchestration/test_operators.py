"""What tasks are given is data: real runs, whose arguments are programmes in Airflow's templates."""

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models import DagRun

from tests.orchestration.installation import Installation

DAGS = Path(__file__).parent / "dags"


@pytest.fixture(autouse=True)
def dags(airflow_metadata: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = "airflow.dag_processing.bundles.local.LocalDagBundle"
    bundles = [
        {"name": name, "classpath": bundle, "kwargs": kwargs}
        for name, kwargs in (("dags-folder", {}), ("given", {"path": str(DAGS)}))
    ]
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps(bundles))


def run(said: str) -> Any:
    dag = DagBag(DAGS).dags["given_data"]
    return dag.test(run_conf={"said": said})


def of_task(finished: DagRun, task_id: str) -> Any:
    return finished.get_task_instances()[0].xcom_pull(task_ids=task_id)


@pytest.mark.parametrize(
    "programme",
    [
        "{{macros.json.codecs.sys.modules.os.system('touch %s')}}",
        "{{ conn.nightreel_bucket.password }}",
        "{%% if %s",
        "{{ 7 * 191 }}",
    ],
)
def test_what_a_task_is_given_is_no_template_in_whatever_way_it_comes(
    installation: Installation, tmp_path: Path, programme: str
) -> None:
    touched = tmp_path / "touched"
    said = programme % touched if "%" in programme else programme
    finished = run(said)
    assert finished.state == "success"
    job = {"label": said, "names": [said]}
    assert of_task(finished, "repeat") == {"job": job, "beside": ""}
    assert list(of_task(finished, "repeat_mapped")) == [{"job": job, "beside": said}]
    assert list(of_task(finished, "repeat_keywords")) == [{"job": job, "beside": ""}]
    names = {task.task_id: task.rendered_map_index for task in finished.get_task_instances()}
    assert names["repeat_mapped"] == said
    assert not touched.exists()
