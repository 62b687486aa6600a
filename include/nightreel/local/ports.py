"""Free TCP ports for the stack: the customary ones where possible, remembered between starts."""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager


def is_free(port: int) -> bool:
    """Whether nothing listens on this port, on any address of this machine."""
    with ExitStack() as held:
        return _hold(port, held)


@contextmanager
def reserved(wanted: Mapping[str, Iterable[int]]) -> Iterator[dict[str, int]]:
    """One free port per name: the first free one of those wanted, else any. All differ.

    They are free to be listened on, and nobody else who asks here gets one of them before the
    block ends, in no process of this machine.
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
    """Whether nobody else has it; kept until the reservations end, or this process does."""
    mark = reservations.enter_context(socket.socket(socket.AF_UNIX))
    try:
        # A name without a file: the kernel forgets it with the process, and it needs no permission.
        mark.bind(f"\0nightreel-port-{port}")
    except OSError:
        return False
    return True


def _hold(port: int, held: ExitStack) -> bool:
    # Bound to all addresses, a port clashes with a listener on any one of them.
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
