"""What an engine does to this machine's network, and how it is put back."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_EMPTY = {
    "nat": "*nat\nCOMMIT\n",
    "filter": "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n",
}
"""The tables that Docker writes into, as they are where nobody has."""


@contextmanager
def network_as_it_was() -> Iterator[None]:
    """Whatever bridges, rules and forwarding the block leaves behind are gone after it."""
    bridges, rules, forwarding = _bridges(), _rules(), _FORWARDING.read_text()
    try:
        yield
    finally:
        for bridge in _bridges() - bridges:
            subprocess.run(["ip", "link", "delete", bridge], check=True)
        subprocess.run(["iptables-restore"], input=rules, text=True, check=True)
        _FORWARDING.write_text(forwarding)


def _bridges() -> set[str]:
    listed = subprocess.run(
        ["ip", "-json", "link", "show", "type", "bridge"], capture_output=True, text=True, check=True
    )
    return {interface["ifname"] for interface in json.loads(listed.stdout or "[]")}


def _rules() -> str:
    """For iptables-restore, which leaves a table alone that is not named."""
    saved = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    return saved + "".join(empty for table, empty in _EMPTY.items() if f"*{table}\n" not in saved)
