"""Starts a program in a sandbox, from a thread that is restricted first and lives as long as the program.

What a thread starts inherits its restrictions. So nothing has to run between fork and exec (`preexec_fn` is
unsafe beside other threads), and no launcher has to be loaded.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from nightreel.media.programs.processor_time import cpu_seconds
from nightreel.media.programs.sandbox import Sandbox

# Shells add variables of their own, which are removed again.
_UNLESS_ORPHANED = '[ "$PPID" = "$0" ] && unset PWD OLDPWD SHLVL && exec "$@"'


class Launched:
    """A program that was started as the head of a process group.

    It is killed when this process ends for any reason, and so is what it started. It must be reaped (`reap`)
    once it has `ended`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        sandbox: Sandbox,
        environment: Mapping[str, str],
        directory: Path | None = None,
        pass_fds: Sequence[int] = (),
        on_end: Callable[["Launched"], None] | None = None,
    ) -> None:
        """Raises OSError when it cannot be started. `on_end` is called from a separate thread."""
        self.ended = threading.Event()
        self.cpu_seconds = 0.0
        """Processor time of the program and of its children that it waited for; known once it has ended."""
        self._command = [*_die_with_parent(), *command]
        self._program = command[0]
        self._sandbox = sandbox
        self._environment = environment
        self._directory = directory
        self._pass_fds = pass_fds
        self._on_end = on_end
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: BaseException | None = None
        self._ending = threading.Lock()
        threading.Thread(target=self._live, name="launch", daemon=True).start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The program, once it was started."""
        assert self._process is not None  # noqa: S101 - __init__ raises otherwise
        return self._process

    def kill(self) -> None:
        """Kills the whole group; does nothing if it has ended."""
        with self._ending:
            if not self.ended.is_set():
                self._kill_group()

    def reap(self) -> int:
        """Waits for its end; returns the exit code, negative when a signal ended it."""
        self.ended.wait()
        return self.process.wait()

    def _live(self) -> None:
        try:
            self._sandbox.enter(self._program)
            self._process = self._start()
        except BaseException as failure:
            self._failure = failure
            return
        finally:
            self._started.set()
        # The kernel signals the parent's death when the thread that started the program ends.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._ending:
            # Until it is reaped, its process id cannot belong to another group, and /proc still has it.
            self._kill_group()
            pid = self._process.pid
            self.cpu_seconds = cpu_seconds(Path(f"/proc/{pid}/stat"), pid)
            self.ended.set()
        if self._on_end is not None:
            self._on_end(self)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(self._environment),
            cwd=self._directory,
            pass_fds=self._pass_fds,
            process_group=0,
        )

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _die_with_parent() -> list[str]:
    """The words before a command that make the kernel kill the program when this process ends.

    The kernel does not report a death before the program asked to be told, so the program then checks
    whose child it is. The words after the script are arguments, which no shell reads.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    return [setpriv, "--pdeathsig", "KILL", "--", "/bin/sh", "-c", _UNLESS_ORPHANED, str(os.getpid())]
