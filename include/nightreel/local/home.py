"""The one folder that holds everything of the embedded stack."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import ConfigurationError
from nightreel.places import STATE_ROOT

# sun_path has 108 bytes (unix(7)). The longest name in the folder is PostgreSQL's socket, and the
# supervisor appends its process id to its own.
_LONGEST_SOCKET_PATH = 107
_LONGEST_SOCKET_NAME = len("/supervisor.sock.4194304")


@dataclass(frozen=True)
class Home:
    """Where the stack keeps its data, logs, sockets and secrets. `root` is absolute."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """NIGHTREEL_HOME, or where this installation keeps its data."""
        chosen = os.environ.get("NIGHTREEL_HOME") or STATE_ROOT
        return cls(Path(chosen).expanduser().absolute())

    @property
    def airflow(self) -> Path:
        """Airflow's own files: its configuration, and what it writes."""
        return self.root / "airflow"

    @property
    def postgres(self) -> Path:
        """The database."""
        return self.root / "postgres"

    @property
    def objects(self) -> Path:
        """What the object store keeps."""
        return self.root / "objects"

    @property
    def logs(self) -> Path:
        """A file for each program."""
        return self.root / "logs"

    @property
    def work(self) -> Path:
        """The work area."""
        return self.root / "work"

    @property
    def reports(self) -> Path:
        """Validation reports."""
        return self.root / "reports"

    @property
    def record(self) -> Path:
        """Ports and addresses of the last start."""
        return self.root / "stack.json"

    @property
    def credentials(self) -> Path:
        """Readable by its owner alone."""
        return self.root / "credentials.json"

    @property
    def passwords(self) -> Path:
        """The password file of Airflow's simple auth manager."""
        return self.root / "airflow" / "passwords.json"

    @property
    def identities(self) -> Path:
        """The object store's list of keys."""
        return self.root / "identities.json"

    @property
    def supervisor_conf(self) -> Path:
        """What supervisord is told to run."""
        return self.root / "supervisord.conf"

    @property
    def lock(self) -> Path:
        """Held while the stack is started or stopped."""
        return self.root / "lock"

    @property
    def sockets(self) -> Path:
        """Where the Unix sockets are: in the home, or in the temporary folder if its path is too long."""
        near = self.root / "run"
        if _has_room_for_sockets(near):
            return near
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"nightreel-{os.getuid()}-{digest}"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisord listens."""
        return self.sockets / "supervisor.sock"

    def log(self, program: str) -> Path:
        """This program's log."""
        return self.logs / f"{program}.log"

    def check_owner(self) -> None:
        """Raises ConfigurationError if the folder is another user's: PostgreSQL would not start in it."""
        owner = self.root.stat().st_uid
        if owner != os.geteuid():
            raise ConfigurationError(
                f"{self.root} belongs to the user with the id {owner}, who must start and stop its stack; "
                "to have your own, set NIGHTREEL_HOME"
            )

    def create(self, socket_owner: int) -> None:
        """Creates the folders. `socket_owner` is the uid that PostgreSQL runs as.

        Only this user can open the folder of the sockets, because PostgreSQL trusts everyone who can
        reach its socket. Raises ConfigurationError if the folder belongs to somebody else, or its path is
        too long for a socket.
        """
        if not _has_room_for_sockets(self.sockets):
            raise ConfigurationError(
                f"{self.sockets} is too long a path for a socket: "
                "set NIGHTREEL_HOME or TMPDIR to a shorter one"
            )
        for folder in (self.root, self.airflow, self.logs, self.work, self.reports):
            folder.mkdir(parents=True, exist_ok=True)
        self.objects.mkdir(mode=0o700, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.sockets.is_symlink() or self.sockets.stat().st_uid not in (os.getuid(), socket_owner):
            raise ConfigurationError(f"{self.sockets} belongs to someone else: remove it, or set TMPDIR")
        os.chown(self.sockets, socket_owner, -1)
        self.sockets.chmod(0o700)


def _has_room_for_sockets(folder: Path) -> bool:
    return len(os.fsencode(folder)) + _LONGEST_SOCKET_NAME <= _LONGEST_SOCKET_PATH


def write_private(path: Path, text: str) -> None:
    """Replaces, in one step, a file that only its owner may read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    draft.replace(path)
