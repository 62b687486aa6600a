"""supervisord: its configuration, and requests to it."""

import http.client
import os
import shlex
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal, cast

from nightreel.local.failures import StackFailed, with_log
from nightreel.local.home import Home, write_private

PROGRAM = "supervisord"

State = Literal["STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"]
_AT_REST: frozenset[State] = frozenset({"STOPPED", "EXITED", "FATAL"})

_ANSWER_SECONDS = 20.0
_LOG_BYTES = 10 * 1024**2
_LOG_BACKUPS = 3


@dataclass(frozen=True)
class Program:
    """One process to keep running."""

    name: str
    command: tuple[str, ...]
    stop_signal: Literal["TERM", "INT", "KILL"] = "TERM"
    stop_seconds: int = 10
    """How many seconds it has to end before its whole process group is killed."""
    signal_group: bool = True
    """Whether its children get the stop signal, too."""
    user: str | None = None
    autostart: bool = False


@dataclass(frozen=True)
class ProgramState:
    """A program as supervisord sees it. `pid` is 0 if it does not run."""

    name: str
    state: State
    pid: int


def render(home: Home, programs: Iterable[Program], directory: Path) -> str:
    """The text of supervisord.conf. The environment is inherited, so no secret is in it."""
    conf = RawConfigParser()
    conf["unix_http_server"] = {"file": str(home.supervisor_socket), "chmod": "0700"}
    conf["supervisord"] = {
        "pidfile": str(home.sockets / "supervisord.pid"),
        "logfile": str(home.log(PROGRAM)),
        "logfile_maxbytes": str(_LOG_BYTES),
        "logfile_backups": str(_LOG_BACKUPS),
        "nodaemon": "true",
        "silent": "true",
        **({"user": "root"} if os.geteuid() == 0 else {}),
    }
    conf["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    for program in programs:
        conf[f"program:{program.name}"] = _section(program, home, directory)
    text = StringIO()
    # A % would begin an expansion.
    conf.write(text)
    return text.getvalue().replace("%", "%%")


def _section(program: Program, home: Home, directory: Path) -> dict[str, str]:
    return {
        "command": shlex.join(program.command),
        "directory": str(directory),
        "autostart": _flag(program.autostart),
        "autorestart": "true",
        # Under load, a part of Airflow may end at once because the database was just restarted.
        # With growing pauses in between, ten tries take about a minute.
        "startretries": "10",
        "startsecs": "1",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        "stopasgroup": _flag(program.signal_group),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(home.log(program.name)),
        "stdout_logfile_maxbytes": str(_LOG_BYTES),
        "stdout_logfile_backups": str(_LOG_BACKUPS),
        **({"user": program.user} if program.user else {}),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


class _SocketTransport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket, with a time limit for every answer."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost", timeout=_ANSWER_SECONDS)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(_ANSWER_SECONDS)
        try:
            connection.sock.connect(str(self._path))
        except OSError:
            connection.sock.close()
            raise
        return connection


class Supervisor:
    """The supervisord of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def launch(
        self, programs: Iterable[Program], directory: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Starts supervisord, detached from this terminal, and returns when it answers.

        Its programs inherit `environment` and run in `directory`. Raises StackFailed.
        """
        write_private(self._home.supervisor_conf, render(self._home, programs, directory))
        output = self._home.logs / f"{PROGRAM}.out"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._home.supervisor_conf)],
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the waiting command, which stops the stack in order.
                start_new_session=True,
            )
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise StackFailed(with_log("supervisord did not start", output))
            time.sleep(0.05)
        return process

    def answers(self) -> bool:
        """Whether supervisord is running."""
        try:
            self._call("getState")
        except xmlrpc.client.Fault:
            # It is shutting down, but still running.
            return True
        except OSError:
            return False
        return True

    def states(self) -> dict[str, ProgramState]:
        """Every program by name; empty if no supervisor is running."""
        try:
            infos = cast(list[dict[str, Any]], self._call("getAllProcessInfo"))
        except (OSError, xmlrpc.client.Fault):
            return {}
        return {info["name"]: ProgramState(info["name"], info["statename"], info["pid"]) for info in infos}

    def start(self, names: Iterable[str]) -> None:
        """Starts programs without waiting. Raises xmlrpc.client.Fault for an unknown name."""
        for name in names:
            self._call("startProcess", name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Asks all programs at once to end, without waiting."""
        states = self.states()
        for name in names:
            if name in states and states[name].state not in _AT_REST:
                self._try("stopProcess", name, False)

    def at_rest(self, names: Iterable[str]) -> bool:
        """Whether none of them is running or about to run."""
        states = self.states()
        return all(name not in states or states[name].state in _AT_REST for name in names)

    def shut_down(self) -> None:
        """Asks supervisord to stop what still runs, and to end."""
        self._try("shutdown")

    def raise_if_given_up(self) -> None:
        """Raises StackFailed for a program that the supervisor no longer tries to start."""
        for name, program in self.states().items():
            if program.state == "FATAL":
                raise StackFailed(with_log(f"{name} does not start", self._home.log(name)))

    def _try(self, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except (OSError, xmlrpc.client.Fault):
            # It has ended, as requested.
            return

    def _call(self, method: str, *arguments: object) -> object:
        transport = _SocketTransport(self._home.supervisor_socket)
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
            raise ConnectionError(f"supervisord: {error}") from error
        finally:
            transport.close()
