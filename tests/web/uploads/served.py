"""The app as a process of its own, and what it is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psutil
import pytest
from pydantic import SecretStr

from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from nightreel.web.services import Services


@dataclass(frozen=True)
class Served:
    client: httpx.Client
    port: int
    process: psutil.Process


@pytest.fixture(scope="module")
def served(services: Services) -> Iterator[Served]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.web.uploads.serve"],
        env=os.environ | variables(services.settings),
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        _, key = services.catalog.api_keys.make("uploads", ["upload"])
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"ApiKey": key}, trust_env=False, timeout=60
        ) as client:
            yield Served(client, port, psutil.Process(process.pid))
        process.kill()


def variables(settings: Settings) -> dict[str, str]:
    """What makes another process have these settings."""
    paths = {"PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT / "include"), str(PROJECT_ROOT)])}
    names = {
        "catalog_dsn": "NIGHTREEL_CATALOG_DSN",
        "token_secret": "NIGHTREEL_TOKEN_SECRET",
        "r2_endpoint_url": "R2_ENDPOINT_URL",
        "r2_access_key_id": "R2_ACCESS_KEY_ID",
        "r2_secret_access_key": "R2_SECRET_ACCESS_KEY",
        "r2_bucket_name": "R2_BUCKET_NAME",
        "r2_public_url": "R2_PUBLIC_URL",
    }
    values = {names[field]: getattr(settings, field) for field in names}
    return paths | {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in values.items()
    }
