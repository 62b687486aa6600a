"""Where the files that come with Nightreel are, and where it keeps what it makes.

In a checkout both are the project's folder. In an installed package, the first is the package,
into which the wheel puts config/, dags/ and plugins/. The second is then the user's folder for
application state (XDG Base Directory Specification 0.8), because packages are read-only and replaced
by an update.
"""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def _is_checkout() -> bool:
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "config").is_dir()


def _state() -> Path:
    base = os.environ.get("XDG_STATE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "nightreel"
    try:
        return Path.home() / ".local" / "state" / "nightreel"
    except RuntimeError:
        # A container's user may have no entry in its /etc/passwd.
        return Path("/var/tmp/nightreel")  # noqa: S108 - its own folder, and only where there is no home


PROJECT_ROOT = _CHECKOUT if _is_checkout() else _PACKAGE
"""Has config/, dags/ and plugins/."""

STATE_ROOT = PROJECT_ROOT / ".nightreel" if _is_checkout() else _state()
"""Has the work area, reports, streams and the embedded stack, unless settings say otherwise."""
