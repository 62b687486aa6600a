"""Landlock: which files and TCP ports a thread, and everything that it starts, may reach.

This is the kernel's own interface (landlock(7), include/uapi/linux/landlock.h). It needs no privilege, and
glibc has no functions for it.
"""

import ctypes
import errno
import os
from collections.abc import Mapping
from enum import IntFlag
from functools import lru_cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2
_CONNECT_TCP = 1 << 1
_BIND_AND_CONNECT_TCP = 1 << 0 | _CONNECT_TCP
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 1 << 0 | 1 << 1
_TCP_SINCE, _SCOPES_SINCE = 4, 6


class Access(IntFlag):
    """LANDLOCK_ACCESS_FS_*."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
_SINCE = ((2, Access.REFER), (3, Access.TRUNCATE), (5, Access.IOCTL_DEV))
_FIRST = Access(Access.REFER - 1)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@lru_cache(maxsize=1)
def abi() -> int:
    """The kernel's version of Landlock; 0 if it has none or forbids it."""
    try:
        return _syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict_thread(paths: Mapping[Path, Access], tcp_port: int | None) -> None:
    """Restricts the calling thread to these paths and what is below them, and to this port for connections.

    The restriction is permanent and applies to every program that the thread starts. Missing paths are
    skipped. Rights and protections that the kernel is too old for are left out. The thread must have
    no_new_privs. Raises OSError.
    """
    version = abi()
    handled = _handled(version)
    attributes = _RulesetAttributes(
        fs=handled,
        net=_BIND_AND_CONNECT_TCP if version >= _TCP_SINCE else 0,
        scoped=_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0,
    )
    # An older kernel accepts a longer structure than it knows, if the rest is 0.
    ruleset = _syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    try:
        for path, access in paths.items():
            _allow(ruleset, path, access & handled)
        if tcp_port is not None and version >= _TCP_SINCE:
            rule = _NetPort(allowed=_CONNECT_TCP, port=tcp_port)
            _syscall(_ADD_RULE, ruleset, _NET_PORT, ctypes.byref(rule), 0)
        _syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, access: Access) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = access if path.is_dir() else access & _OF_FILES
        rule = _PathBeneath(allowed=allowed, parent=descriptor)
        if allowed:
            _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def _handled(version: int) -> Access:
    rights = _FIRST
    for since, right in _SINCE:
        rights |= right if version >= since else Access(0)
    return rights


def _syscall(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(ctypes.c_long(number), *map(_argument, arguments)))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {errno.errorcode.get(code, code)}")
    return result


def _argument(value: object) -> object:
    # A bare int would be passed as 32 bits.
    return ctypes.c_long(value) if isinstance(value, int) else value


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
