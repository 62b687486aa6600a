"""Where `make compose-test` can have no Docker Engine, it says why and what helps."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.compose.deadline import TookTooLong, at_most
from tests.compose.engine import what_is_missing

_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def programs(root: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.usefixtures("root")
def test_without_its_programs_the_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    assert what_is_missing(tmp_path) == (
        "no Docker Engine here; on Debian: apt install docker.io iproute2 iptables mmdebstrap util-linux"
    )


def test_whoever_is_not_root_is_told_that_root_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert what_is_missing(tmp_path) == "a Docker Engine of the test's own needs root"


@pytest.mark.usefixtures("programs")
def test_a_disk_that_is_nearly_full_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 0, 3 << 30))
    assert what_is_missing(tmp_path) == f"the images need 12 GiB of disk, and {tmp_path} has 3.0"


def test_a_wait_that_is_too_long_ends_in_its_middle() -> None:
    with pytest.raises(TookTooLong, match="not ready after 0 s"), at_most(0.1):
        time.sleep(600)


def test_a_wait_without_a_limit_has_none() -> None:
    with at_most(None):
        pass


@_AS_ROOT
def test_what_the_engine_runs_and_mounts_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    running = f"mount -t tmpfs none {tmp_path} && touch {tmp_path}/mounted && sleep 600 & sleep 600"
    program = (
        "import subprocess\n"
        "from tests.compose.engine import IN_ITS_OWN_NAMESPACES\n"
        f"subprocess.run([*IN_ITS_OWN_NAMESPACES, 'sh', '-c', {running!r}])\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as starting:
        while not (inside := _shells_with(str(tmp_path))):
            time.sleep(0.05)
        starting.kill()
    while any(Path(f"/proc/{process}/exe").exists() for process in inside):
        time.sleep(0.05)
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


def _shells_with(word: str) -> list[int]:
    """Those that have it among their arguments."""
    command = ["ps", "-ww", "-C", "sh", "-o", "pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if word in line]


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("iptables") is None, reason="changes a network, as root"
)
@pytest.mark.parametrize("before", ["", "iptables -A FORWARD -p udp -j DROP;"], ids=["none", "some"])
def test_the_network_is_afterwards_as_it_was(before: str) -> None:
    def after(change: str) -> str:
        """What is there when the block is left, in a network of its own."""
        program = (
            "import subprocess\n"
            "from tests.compose.network import network_as_it_was\n"
            "with network_as_it_was():\n"
            f"    subprocess.run({change!r}, shell=True, check=True)\n"
        )
        shown = "ip -brief link; iptables-save; cat /proc/sys/net/ipv4/ip_forward"
        return subprocess.run(
            ["unshare", "--net", "sh", "-ec", f'{before} "$0" -c "$1"; {shown}', sys.executable, program],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    changes = (
        "ip link add bridge0 type bridge",
        "iptables -P FORWARD DROP",
        "iptables -N DOCKER",
        "iptables -t nat -A POSTROUTING -j MASQUERADE",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
    )
    assert _without_comments(after("; ".join(changes))) == _without_comments(after("true"))


def _without_comments(text: str) -> list[str]:
    """And without the counters of packets."""
    return [line.partition(" [")[0] for line in text.splitlines() if not line.startswith("#")]
