"""Seccomp: which sockets a thread, and everything that it starts, may open.

A filter in the kernel's classic BPF (seccomp(2)). Landlock only knows TCP. UDP, which looks up names, and
Unix sockets, where databases listen, are closed here.
"""

import ctypes
import errno
import platform
import socket
from dataclasses import dataclass
from functools import lru_cache

_SET_SECCOMP, _FILTER_MODE = 22, 2
# struct seccomp_data: the number of the call, the architecture, then the arguments, 8 bytes each.
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST = 0x15, 0x35
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_TYPE_MASK = 0xF
_X32_CALLS = 0x40000000
_IO_URING_SETUP = 425
"""The same on every architecture. Rings open sockets without passing any filter."""


@dataclass(frozen=True)
class _Architecture:
    audit: int
    socket_call: int


_ARCHITECTURES = {
    "x86_64": _Architecture(audit=0xC000003E, socket_call=41),
    "aarch64": _Architecture(audit=0xC00000B7, socket_call=198),
}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def is_known() -> bool:
    """Whether there is a filter for this machine, and a kernel that takes one."""
    return platform.machine() in _ARCHITECTURES and _kernel_takes_filters()


def restrict_thread(*, tcp: bool, unix: bool) -> None:
    """Leaves the calling thread no sockets, or only those of TCP over IP, or Unix ones.

    The restriction is permanent and applies to every program that the thread starts, which must have
    no_new_privs. Raises OSError.
    """
    steps = _steps(_ARCHITECTURES[platform.machine()], tcp=tcp, unix=unix)
    instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(steps), instructions)
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "the kernel accepts no seccomp filter")


def _steps(architecture: _Architecture, *, tcp: bool, unix: bool) -> list[tuple[int, int, int, int]]:
    """A list of (code, jump if true, jump if false, operand). A jump is a number of steps to skip."""
    refuse = (_RETURN, 0, 0, _FAIL | errno.EACCES)
    allow = (_RETURN, 0, 0, _ALLOW)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        # System calls of other architectures have other numbers.
        (_IF_EQUAL, 1, 0, architecture.audit),
        refuse,
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, 1, 0, _X32_CALLS),
        (_IF_EQUAL, 0, 1, _IO_URING_SETUP),
        refuse,
        (_IF_EQUAL, 1, 0, architecture.socket_call),
        allow,
        (_LOAD, 0, 0, _ARGUMENTS_AT),
    ]
    if unix:
        steps += [(_IF_EQUAL, 0, 1, socket.AF_UNIX), allow]
    if tcp:
        steps += [
            (_IF_EQUAL, 2, 0, socket.AF_INET),
            (_IF_EQUAL, 1, 0, socket.AF_INET6),
            refuse,
            (_LOAD, 0, 0, _ARGUMENTS_AT + 8),
            (_AND, 0, 0, _TYPE_MASK),
            (_IF_EQUAL, 0, 1, socket.SOCK_STREAM),
            allow,
        ]
    return [*steps, refuse]


@lru_cache(maxsize=1)
def _kernel_takes_filters() -> bool:
    # Without a program, a kernel that knows the mode only complains about the address.
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_SET_SECCOMP, _FILTER_MODE, None)) and ctypes.get_errno() == errno.EFAULT
