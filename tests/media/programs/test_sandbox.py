"""What a program in the sandbox can reach, tried by real programs that try to reach it."""

import json
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightreel.media.programs import landlock, process, sandbox, seccomp
from nightreel.media.programs.bounds import bounds
from nightreel.media.programs.sandbox import Sandbox, strength

needs_landlock = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")
needs_seccomp = pytest.mark.skipif(not seccomp.is_known(), reason="this kernel takes no seccomp filter")

_TRIES = """
import json, os, socket, sys
def tried(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0
told = {}
for expression in json.loads(sys.argv[1]):
    told[expression] = tried(lambda: eval(expression))
print(json.dumps(told))
"""


def tried(confined: Sandbox, *expressions: str) -> dict[str, int]:
    """The errno that came of each expression, 0 where it worked."""
    command = [sys.executable, "-c", _TRIES, json.dumps(expressions)]
    said: deque[str] = deque()
    (line,) = process.lines(command, timeout_seconds=60, sandbox=confined, stderr=said)
    return dict(json.loads(line))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.mp4").write_text("a film")
    return tmp_path


@needs_landlock
def test_a_program_reads_its_source_and_no_file_beside_it(folder: Path) -> None:
    mine, theirs = folder / "mine" / "film.mp4", folder / "theirs" / "film.mp4"
    found = tried(Sandbox(reads=(mine,)), f"open('{mine}')", f"open('{theirs}')", f"open('{mine}', 'w')")
    assert [code == 0 for code in found.values()] == [True, False, False]


@needs_landlock
def test_a_program_writes_in_its_folder_and_nowhere_else(folder: Path) -> None:
    found = tried(
        Sandbox(reads=(folder / "theirs",), writes=(folder / "mine",)),
        f"open('{folder}/mine/new', 'w')",
        f"os.mkdir('{folder}/mine/deeper')",
        f"os.rename('{folder}/mine/new', '{folder}/mine/deeper/new')",
        f"os.remove('{folder}/mine/film.mp4')",
        f"open('{folder}/theirs/new', 'w')",
        f"open('{folder}/theirs/film.mp4', 'r+')",
        f"os.truncate('{folder}/theirs/film.mp4', 0)",
        f"os.remove('{folder}/theirs/film.mp4')",
        f"os.symlink('{folder}/theirs', '{folder}/mine/link')",
        "open('/tmp/by-a-program-in-the-sandbox', 'w')",
    )
    assert [code == 0 for code in found.values()] == [True] * 4 + [False] * 6
    assert (folder / "theirs" / "film.mp4").read_text() == "a film"


@needs_landlock
def test_a_program_reads_neither_settings_nor_the_environment_of_others(folder: Path) -> None:
    (folder / ".env").write_text("R2_SECRET_ACCESS_KEY=secret")
    found = tried(
        Sandbox(reads=(folder / "mine",)),
        f"open('{folder}/.env')",
        f"os.listdir('{Path.home()}')",
        f"open('/proc/{os.getpid()}/environ').read()",
        f"open('/proc/{os.getpid()}/mem', 'rb').read(1)",
        f"os.readlink('/proc/{os.getpid()}/fd/1')",
        "open('/proc/self/environ').read()",
    )
    assert [code == 0 for code in found.values()] == [False] * 5 + [True]


@needs_landlock
def test_a_program_cannot_signal_those_outside() -> None:
    if landlock.abi() < 6:
        pytest.skip("this kernel's Landlock has no scopes")
    assert list(tried(Sandbox(), f"os.kill({os.getpid()}, 0)").values()) != [0]


@pytest.fixture
def listening() -> Iterator[int]:
    """The port of a server on the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@needs_seccomp
def test_a_program_has_no_network_of_any_kind(listening: int, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as database:
        database.bind(str(tmp_path / "socket"))
        database.listen()
        found = tried(
            Sandbox(reads=(tmp_path,), writes=(tmp_path,)),
            f"socket.create_connection(('127.0.0.1', {listening}))",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            "socket.socket(socket.AF_INET6)",
            f"socket.socket(socket.AF_UNIX).connect('{tmp_path}/socket')",
            "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        )
    assert 0 not in found.values()


@needs_seccomp
def test_a_stream_on_the_fly_reaches_its_relay_and_nothing_else(listening: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = tried(
            Sandbox(tcp_port=listening),
            f"socket.create_connection(('127.0.0.1', {listening}))",
            f"socket.create_connection(('127.0.0.1', {other.getsockname()[1]}))",
            "socket.create_server(('127.0.0.1', 0))",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            "socket.socket(socket.AF_UNIX)",
        )
    expected = [True, landlock.abi() < 4, landlock.abi() < 4, False, False]
    assert [code == 0 for code in found.values()] == expected


def test_the_process_that_starts_programs_is_not_confined_itself(tmp_path: Path) -> None:
    assert tried(Sandbox(), "1") == {"1": 0}
    (tmp_path / "written").write_text("by the parent")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM):
        pass
    assert "NoNewPrivs:\t0" in Path(f"/proc/self/task/{threading.get_native_id()}/status").read_text()


def test_where_the_kernel_lacks_landlock_a_warning_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    sandbox._warn.cache_clear()
    for _ in range(2):
        assert tried(Sandbox(), "1") == {"1": 0}
    (warning,) = [record.getMessage() for record in caplog.records if "Landlock" in record.getMessage()]
    assert warning == strength()
    assert "no Landlock" in warning


def test_a_folder_that_the_settings_name_may_be_read(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sandbox, "bounds", lambda: replace(bounds(), folders=(folder / "mine",)))
    assert list(tried(Sandbox(), f"open('{folder}/mine/film.mp4')").values()) == [0]
