"""The privileges of a thread: it gains none, and gives up what only root has.

Root can read the environment of every process, inside Landlock or not (CAP_PERFMON, CAP_SYS_PTRACE).
"""

import ctypes
import errno
import os

_SET_NO_NEW_PRIVILEGES, _DROP_FROM_BOUNDING_SET = 38, 24
_HIGHEST = 63
_OF_FILES = range(4)
"""CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER: root may still work on others' files."""


def renounce() -> None:
    """Applies permanently to the calling thread and everything that it starts. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs cannot be set")
    if os.geteuid() == 0:
        _give_up_capabilities(libc)


def _give_up_capabilities(libc: ctypes.CDLL) -> None:
    # The thread's own capabilities end with its next program, which gets those of this set.
    for capability in range(_HIGHEST + 1):
        if capability in _OF_FILES:
            continue
        if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
            # EINVAL: beyond the last one that the kernel knows; EPERM: a container removed the right.
            if ctypes.get_errno() not in (errno.EINVAL, errno.EPERM):
                raise OSError(ctypes.get_errno(), "capabilities cannot be given up")
            return
