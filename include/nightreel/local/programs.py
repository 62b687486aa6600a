"""What the supervisor keeps running: PostgreSQL, the object store, the four parts of Airflow, the web app."""

import sys
from pathlib import Path

from nightreel.local import object_store, postgres
from nightreel.local.home import Home
from nightreel.local.object_store import ObjectStorePorts
from nightreel.local.supervise import Program

OBJECT_STORE = "object-store"

WEB = "web"
"""The standalone web app, for programs and players."""

AIRFLOW = ("api-server", "dag-processor", "scheduler", "triggerer")
"""In order of start-up time, longest first."""

# The logs of running tasks are files on this machine, so Airflow's log servers are not needed. One
# whose scheduler was killed would even live on and keep its port from the next.
_ARGUMENTS = {"scheduler": ("--skip-serve-logs",), "triggerer": ("--skip-serve-logs",)}

# Tasks are forked from the scheduler, and start faster because of what it has imported.
_MODULES = {"scheduler": ("nightreel.local.airflow.scheduler",)}

# An idle scheduler ends within a second or two. One with tasks would wait for
# hours of encoding; killed with them instead, they are run again at the next start.
_STOP_SECONDS = 4


def foundations(home: Home, binaries: Path, ports: ObjectStorePorts) -> tuple[Program, ...]:
    """What Airflow needs, running from the start. `binaries` is the folder of PostgreSQL's programs."""
    return (
        Program(
            name=postgres.PROGRAM,
            command=postgres.command(home, binaries),
            # Fast shutdown; PostgreSQL ends its children itself.
            stop_signal="INT",
            stop_seconds=30,
            signal_group=False,
            user=postgres.server_user(),
            autostart=True,
        ),
        Program(
            name=OBJECT_STORE,
            command=tuple(object_store.weed_command(home.objects, ports, home.identities)),
            # After SIGTERM it waits 15 s for peers that it does not have; its logs survive SIGKILL.
            stop_signal="KILL",
            autostart=True,
        ),
    )


def web(port: int) -> Program:
    """The web app; started once the catalog exists."""
    return Program(
        name=WEB,
        command=(
            *(sys.executable, "-m", "uvicorn", "nightreel.web.standalone:app", "--factory"),
            *("--host", "127.0.0.1", "--port", str(port), "--timeout-graceful-shutdown", str(_STOP_SECONDS)),
        ),
        stop_seconds=2 * _STOP_SECONDS,
    )


def airflow() -> tuple[Program, ...]:
    """The parts of Airflow; started once its database is up to date."""
    return tuple(
        Program(
            name=name,
            command=(sys.executable, "-m", *_MODULES.get(name, ("airflow", name)), *_ARGUMENTS.get(name, ())),
            stop_seconds=_STOP_SECONDS,
        )
        for name in AIRFLOW
    )
