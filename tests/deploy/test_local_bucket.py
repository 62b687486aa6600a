"""The stand-in for R2: the server that docker-compose.yaml describes, really started."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from nightreel.errors import ConfigurationError
from nightreel.local.object_store import weed_binary
from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.deploy import compose
from tests.object_store_server import free_ports, stop, wait_for

_FILLED_IN = compose.filled_in(
    R2_BUCKET_NAME="media",
    R2_ACCESS_KEY_ID="the-key",
    R2_SECRET_ACCESS_KEY="the-secret",
    R2_ENDPOINT_URL="http://bucket.localhost:8333",
    R2_PUBLIC_URL="http://bucket.localhost:8333/media",
)
_PYTHON = {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(PROJECT_ROOT / "include")}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the worker, with the address at which the server runs here."""
    folder = tmp_path_factory.mktemp("local-bucket")
    ports = free_ports()
    server = subprocess.Popen(
        [weed_binary(), *_arguments(folder), *_here(asdict(ports))],
        env={**os.environ, **compose.environment("local-bucket", _FILLED_IN)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{ports.s3}"
    try:
        wait_for(server, endpoint)
        worker = compose.environment("airflow-worker", _FILLED_IN)
        given = {name.lower(): value for name, value in worker.items() if name.startswith("R2_")}
        yield load_settings(
            _env_file=None, **given | {"r2_endpoint_url": endpoint, "r2_public_url": f"{endpoint}/media"}
        )
    finally:
        stop(server, ports)


def test_the_bucket_is_made_by_the_one_shot_service_and_then_takes_a_file(
    settings: Settings,
) -> None:
    bucket = Bucket(client_from_settings(settings), settings.r2_bucket_name, settings.r2_public_url)
    with pytest.raises(ConfigurationError):
        bucket.put_bytes(
            "hls/movies/1/master.m3u8", b"#EXTM3U", "application/vnd.apple.mpegurl", "max-age=60"
        )
    _run_one_shot(settings)
    bucket.put_bytes("hls/movies/1/master.m3u8", b"#EXTM3U", "application/vnd.apple.mpegurl", "max-age=60")
    # A player has no key, and comes from another origin.
    answer = httpx.get(
        f"{settings.r2_public_url}/hls/movies/1/master.m3u8", headers={"Origin": "https://player.example.com"}
    )
    assert answer.status_code == httpx.codes.OK
    assert answer.content == b"#EXTM3U"
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.headers["access-control-allow-origin"] in ("*", "https://player.example.com")


def test_nobody_writes_without_the_key(settings: Settings) -> None:
    _run_one_shot(settings)
    assert httpx.put(f"{settings.r2_public_url}/x", content=b"x").status_code == httpx.codes.FORBIDDEN


def _run_one_shot(settings: Settings) -> None:
    command = compose.services()["local-bucket-init"]["command"]
    values = settings.model_dump(include={"r2_bucket_name", "r2_public_url", "r2_endpoint_url"})
    worker = compose.environment("airflow-worker", _FILLED_IN)
    subprocess.run(
        command,
        env={**os.environ, **worker, **{name.upper(): value for name, value in values.items()}, **_PYTHON},
        check=True,
    )


def _arguments(folder: Path) -> list[str]:
    """The command of the service, with the paths of the container replaced by some of this machine."""
    identities = folder / "identities.json"
    content = compose.compose_file()["configs"]["local-bucket-identities"]["content"]
    identities.write_text(compose.interpolate(content, _FILLED_IN))
    (folder / "data").mkdir()
    inside = {"/etc/seaweedfs/identities.json": str(identities), "/data": str(folder / "data")}
    service = compose.services()["local-bucket"]
    assert service["configs"] == [
        {"source": "local-bucket-identities", "target": "/etc/seaweedfs/identities.json"}
    ]
    replaced = []
    for argument in service["command"]:
        argument = compose.interpolate(argument, _FILLED_IN)
        for path, here in inside.items():
            argument = argument.replace(f"={path}", f"={here}")
        replaced.append(argument)
    return replaced


def _here(ports: dict[str, int]) -> list[str]:
    # Of two flags of the same name, the last one counts.
    flags = [
        f"-{name.replace('_grpc', '.port.grpc')}={port}" for name, port in ports.items() if "grpc" in name
    ]
    flags += [f"-{name}.port={port}" for name, port in ports.items() if "grpc" not in name]
    return [*flags, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.port.iceberg=0", "-s3.port.lance=0"]


@pytest.mark.parametrize("port", ["8333", "65535"])
def test_any_port_of_this_machine_leaves_the_server_room_for_its_others(port: str) -> None:
    given = [
        compose.interpolate(argument, compose.filled_in(LOCAL_BUCKET_PORT=port))
        for argument in compose.services()["local-bucket"]["command"]
    ]
    flags = dict(argument.lstrip("-").split("=") for argument in given if "=" in argument)
    # By default it is the other one and ten thousand.
    assert int(flags.get("s3.port.grpc", int(port) + 10_000)) < 1 << 16
