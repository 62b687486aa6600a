"""The worker's environment, used as a task uses it: the connections that Airflow makes of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from tests.deploy import compose

_TASK = """
import json
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.settings import settings

bucket = open_bucket(settings())
bucket.ensure_exists()
bucket.put_bytes("hls/movies/1/master.m3u8", b"#EXTM3U", "application/vnd.apple.mpegurl", "max-age=60")
open_catalog(settings()).schema.migrate()
print(json.dumps({"bucket": bucket.name}))
"""


def _run_as_task(variables: dict[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    worker = compose.environment("airflow-worker", variables)
    # Of the environment, only what is not the container's own: no database and no queue is asked.
    kept = {
        name: value
        for name, value in worker.items()
        if name.startswith(("NIGHTREEL_", "R2_", "AIRFLOW_CONN_"))
    }
    python = {"PYTHONPATH": str(PROJECT_ROOT / "include"), "AIRFLOW_HOME": str(home), "HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", _TASK],
        cwd=home,
        env={"PATH": os.environ["PATH"], **kept, **python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_task_reaches_the_catalog_and_the_bucket_of_the_env_file(
    demo_dsn: str, bucket_settings: Settings, tmp_path: Path
) -> None:
    variables = compose.filled_in(
        NIGHTREEL_CATALOG_DSN=demo_dsn,
        R2_ENDPOINT_URL=bucket_settings.r2_endpoint_url,
        R2_ACCESS_KEY_ID=bucket_settings.r2_access_key_id.get_secret_value(),
        R2_SECRET_ACCESS_KEY=bucket_settings.r2_secret_access_key.get_secret_value(),
        R2_BUCKET_NAME=bucket_settings.r2_bucket_name,
        R2_PUBLIC_URL=bucket_settings.r2_public_url,
    )
    done = _run_as_task(variables, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"bucket": bucket_settings.r2_bucket_name}


def test_the_bucket_connection_goes_to_r2_unless_another_endpoint_is_named() -> None:
    def endpoint(**values: str) -> str:
        worker = compose.environment("airflow-worker", compose.filled_in(**values))
        return str(json.loads(worker["AIRFLOW_CONN_NIGHTREEL_BUCKET"])["extra"]["endpoint_url"])

    assert endpoint(R2_ACCOUNT_ID="abc", R2_ENDPOINT_URL="") == "https://abc.r2.cloudflarestorage.com"
    assert endpoint(R2_ACCOUNT_ID="abc", R2_ENDPOINT_URL="https://s3.example.com") == "https://s3.example.com"


def test_uploads_carry_no_checksum_trailer_which_r2_refuses() -> None:
    worker = compose.environment("airflow-worker", compose.filled_in())
    connection = json.loads(worker["AIRFLOW_CONN_NIGHTREEL_BUCKET"])
    assert connection["extra"]["config_kwargs"] == {
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
