"""Free TCP ports for the stack: the customary ones if possible, and the same after a restart."""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager


@contextmanager
def reserved(wanted: Mapping[str, Iterable[int]]) -> Iterator[dict[str, int]]:
    """One free port per name: the first free one of those wanted, or else any. All differ.

    They can be listened on, and until the block ends, nobody else on this machine who asks here gets one
    of them.
    """
    chosen: dict[str, int] = {}
    with ExitStack() as reservations:
        with ExitStack() as held:
            for name, candidates in wanted.items():
                taken = chosen.values()
                chosen[name] = next(
                    (port for port in candidates if port not in taken and _take(port, held, reservations)), 0
                ) or _any(held, reservations)
        yield chosen


def _take(port: int, held: ExitStack, reservations: ExitStack) -> bool:
    return _hold(port, held) and _reserve(port, reservations)


def _reserve(port: int, reservations: ExitStack) -> bool:
    """Reserves the port unless somebody else has; until the reservations end, or this process does."""
    mark = reservations.enter_context(socket.socket(socket.AF_UNIX))
    try:
        # An abstract name: it needs no file and no permission, and ends with the process.
        mark.bind(f"\0nightreel-port-{port}")
    except OSError:
        return False
    return True


def _hold(port: int, held: ExitStack) -> bool:
    # Bound to all addresses, it clashes with a listener on any of them.
    holder = held.enter_context(socket.socket())
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind(("", port))
    except OSError:
        return False
    return True


def _any(held: ExitStack, reservations: ExitStack) -> int:
    while True:
        holder = held.enter_context(socket.socket())
        holder.bind(("", 0))
        port = int(holder.getsockname()[1])
        if _reserve(port, reservations):
            return port
