"""Free TCP ports for the stack: the customary ones where possible, remembered between starts."""

import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack


def is_free(port: int) -> bool:
    """Whether nothing listens on this port, on any address of this machine."""
    with ExitStack() as held:
        return _hold(port, held)


def choose(wanted: Mapping[str, Iterable[int]]) -> dict[str, int]:
    """One free port per name: the first free one of those wanted, else any. All differ."""
    chosen: dict[str, int] = {}
    with ExitStack() as held:
        for name, candidates in wanted.items():
            taken = chosen.values()
            chosen[name] = next(
                (port for port in candidates if port not in taken and _hold(port, held)), 0
            ) or _any(held)
    return chosen


def _hold(port: int, held: ExitStack) -> bool:
    # Bound to all addresses, a port clashes with a listener on any one of them.
    holder = held.enter_context(socket.socket())
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind(("", port))
    except OSError:
        return False
    return True


def _any(held: ExitStack) -> int:
    holder = held.enter_context(socket.socket())
    holder.bind(("", 0))
    return int(holder.getsockname()[1])
