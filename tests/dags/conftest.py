"""The DAGs as Airflow loads them."""

import pytest

from nightreel.places import PROJECT_ROOT
from tests.orchestration import airflow_home

__all__ = ["airflow_home"]


@pytest.fixture(scope="package")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(PROJECT_ROOT / "dags")
