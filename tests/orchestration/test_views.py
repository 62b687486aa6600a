"""What Airflow's UI is given: views in frames, and buttons on tasks."""

from types import SimpleNamespace

import pytest

from nightreel.orchestration.links import WatchLink
from nightreel.orchestration.views import external_views
from nightreel.runs.dags import CONVERT_DAG


@pytest.fixture(params=["http://localhost:8080", "https://example.org/airflow/"])
def above(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path that Airflow itself is below."""
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", request.param)
    return "/airflow" if "airflow" in request.param else ""


def test_every_view_leads_into_the_web_app_wherever_airflow_is(above: str) -> None:
    views = external_views()
    assert [view["name"] for view in views] == ["Nightreel", "Tonight", "Watch", "Report"]
    for view in views:
        assert str(view["href"]).startswith(f"{above}/nightreel/")
        assert str(view["icon"]).startswith(f"{above}/nightreel/assets/")
    assert len({view["url_route"] for view in views}) == len(views)


def test_the_task_that_publishes_has_a_button_to_the_player(above: str) -> None:
    run_id = "manual__2026-11-21T01:00:00+00:00"
    task = SimpleNamespace(dag_id=CONVERT_DAG, task_id="publish", run_id=run_id)
    address = f"{above}/nightreel/runs/manual__2026-11-21T01%3A00%3A00%2B00%3A00"
    assert WatchLink().get_link(None, ti_key=task) == address


@pytest.mark.parametrize(("dag_id", "task_id"), [(CONVERT_DAG, "upload"), ("another", "publish")])
def test_other_tasks_have_none(dag_id: str, task_id: str) -> None:
    task = SimpleNamespace(dag_id=dag_id, task_id=task_id, run_id="run")
    assert WatchLink().get_link(None, ti_key=task) == ""
