"""Runs brought as far as a test needs them: in Airflow's own database, as its scheduler would."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from fastapi.testclient import TestClient

from nightreel.catalog import Catalog, Claim, PublishedResult
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.progress import EncodeProgress
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import RESULT, Database
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith

LEASE = timedelta(hours=1)
_ids = count(9001)
"""No two tests of the session share a run."""

# Everything but the identity is that of the task which a mapped one is until it is expanded.
_EXPAND = """
    INSERT INTO task_instance
    SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
            'map_index', item.number - 1, 'rendered_map_index', item.label))).*
    FROM task_instance t, unnest(%s::text[]) WITH ORDINALITY AS item(label, number)
    WHERE t.run_id = %s AND t.task_id = 'transcode' AND t.map_index = -1
"""
_KEEP = """
    INSERT INTO task_state_store (dag_run_id, task_id, map_index, key, dag_id, run_id, value, updated_at)
    SELECT id, 'transcode', %s, 'progress', dag_id, run_id, %s, now() FROM dag_run WHERE run_id = %s
"""


@dataclass(frozen=True)
class StagedRun:
    """A run in the queue, and the hand of the scheduler on it."""

    airflow: AirflowServer
    catalog: Catalog
    title: Title
    run_id: str

    def begin(self, seconds_ago: float = 60.0) -> None:
        self.airflow.query(
            "UPDATE dag_run SET state = 'running', start_date = now() - %s * interval '1 second'"
            " WHERE run_id = %s",
            seconds_ago,
            self.run_id,
        )

    def end(self, state: str) -> None:
        self.airflow.query(
            "UPDATE dag_run SET state = %s, end_date = now() WHERE run_id = %s", state, self.run_id
        )

    def claim(self, *, force: bool = False) -> Claim:
        """As the first two tasks do: the second one takes the claim up."""
        claim = self.catalog.claims.one(self.title, self.run_id, LEASE, force=force)
        assert isinstance(claim, Claim), claim
        return self.catalog.leases.adopt(self.title, claim.token, self.run_id, LEASE)

    def task(self, task_id: str, state: str | None, map_index: int = -1) -> None:
        self.airflow.query(
            "UPDATE task_instance SET state = %s WHERE run_id = %s AND task_id = %s AND map_index = %s",
            state,
            self.run_id,
            task_id,
            map_index,
        )

    def expand(self, *labels: str) -> None:
        """Gives the encoding an item per label."""
        self.airflow.query(_EXPAND, list(labels), self.run_id)
        self.airflow.query(
            "DELETE FROM task_instance WHERE run_id = %s AND task_id = 'transcode' AND map_index = -1",
            self.run_id,
        )

    def encode(self, map_index: int, percent: float) -> None:
        """An item of the encoding runs, and says how far it is."""
        self.task("transcode", "running", map_index)
        kept = EncodeProgress(percent=percent, speed=1.0, eta_seconds=None)
        self.airflow.query(_KEEP, map_index, kept.model_dump_json(), self.run_id)

    def forget(self) -> None:
        """As Airflow's own clean-up does."""
        for table in ("task_state_store", "task_instance", "dag_run"):
            self.airflow.query(f"DELETE FROM {table} WHERE run_id = %s", self.run_id)

    def publish(self, claim: Claim, result: PublishedResult = RESULT) -> None:
        with self.catalog.publications.holding(claim) as publication:
            publication.complete(result)


@pytest.fixture(scope="module")
def reader(client_with: ClientWith) -> TestClient:
    """A client that may read."""
    return client_with("read")


@pytest.fixture
def queued(services: Services, database: Database, airflow_server: AirflowServer) -> StagedRun:
    """A title of this test's own, and a run for it that waits."""
    title = database.add_movie(next(_ids))
    conf = {"content_type": title.content_type, "content_id": title.content_id}
    with airflow_server.client("user") as airflow:
        run_id = airflow.trigger(CONVERT_DAG, conf, f"api__movie_{title.content_id}")
    return StagedRun(airflow_server, services.catalog, title, run_id)
