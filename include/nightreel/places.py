"""Where the files that come with Nightreel lie, and where it keeps what it makes.

In a checkout both are the project's folder. Of an installed package the first is the package
itself, into which the wheel puts config/, dags/ and plugins/, and the second the user's folder of
application state (XDG Base Directory Specification 0.8): packages are read-only, and gone with an update.
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
        # A user of a container may have no entry in its list of users.
        return Path("/var/tmp/nightreel")  # noqa: S108 - its own folder, and only where there is no home


PROJECT_ROOT = _CHECKOUT if _is_checkout() else _PACKAGE
"""Holds config/, dags/ and plugins/."""

STATE_ROOT = PROJECT_ROOT / ".nightreel" if _is_checkout() else _state()
"""Holds, unless settings say otherwise, the work area, reports, streams, and the embedded stack."""
