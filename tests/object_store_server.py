"""The embedded S3 server on free ports, for the length of a test or a session."""

import contextlib
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import StorageUnavailable
from nightreel.local.object_store import (
    ENVIRONMENT,
    ObjectStorePorts,
    remove_sockets,
    wait_until_ready,
    weed_command,
    write_identities,
)
from nightreel.media.programs.environment import clean_environment

_START_ATTEMPTS = 3
_START_SECONDS = 60


@dataclass(frozen=True)
class ObjectStoreAddress:
    """Where a running server answers, and the key pair that may do everything."""

    endpoint_url: str
    access_key: str
    secret_key: str


def free_ports() -> ObjectStorePorts:
    """Eight ports of the loopback interface that were free a moment ago."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(8)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return ObjectStorePorts(*(each.getsockname()[1] for each in sockets))


@contextlib.contextmanager
def running_object_store(data_dir: Path) -> Iterator[ObjectStoreAddress]:
    """A server as a child process. Buckets whose names begin with `media` are public."""
    access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
    volumes = data_dir / "volumes"
    volumes.mkdir(parents=True, exist_ok=True)
    config_path = data_dir / "identities.json"
    write_identities(config_path, access_key, secret_key, "media*")
    process, ports = _start(volumes, config_path, data_dir / "weed.log")
    try:
        yield ObjectStoreAddress(f"http://127.0.0.1:{ports.s3}", access_key, secret_key)
    finally:
        stop(process, ports)


def wait_for(process: subprocess.Popen[bytes], endpoint_url: str) -> None:
    """Returns once the server answers. Raises StorageUnavailable when it has ended, or takes a minute."""
    for _ in range(_START_SECONDS):
        with contextlib.suppress(StorageUnavailable):
            return wait_until_ready(endpoint_url, 1)
        if process.poll() is not None:
            break
    raise StorageUnavailable(f"the object store at {endpoint_url} did not start")


def stop(process: subprocess.Popen[bytes], ports: ObjectStorePorts) -> None:
    """Kills the server and removes the sockets that it leaves."""
    process.kill()
    process.wait()
    remove_sockets(ports)


def _start(
    volumes: Path, config_path: Path, log_path: Path
) -> tuple[subprocess.Popen[bytes], ObjectStorePorts]:
    """A ready server. Tries again on other ports, because another process may have taken one."""
    for _ in range(_START_ATTEMPTS):
        ports = free_ports()
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                weed_command(volumes, ports, config_path),
                env=clean_environment(**ENVIRONMENT),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for(process, f"http://127.0.0.1:{ports.s3}")
        except StorageUnavailable:
            stop(process, ports)
        except BaseException:
            stop(process, ports)
            raise
        else:
            return process, ports
    raise StorageUnavailable(f"the object store did not start; see {log_path}")
