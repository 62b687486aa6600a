"""What a media program may reach: the files that it works on, and no network.

The sandbox applies from the program's first instruction and costs a fraction of a millisecond: a thread
restricts itself and then starts the program (`launch`). Landlock guards files and TCP, seccomp all other
sockets; if the kernel has only one of them, that one is used.
"""

import logging
import os
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nightreel.media.programs import landlock, privileges, seccomp
from nightreel.media.programs.bounds import bounds
from nightreel.media.programs.landlock import Access

log = logging.getLogger(__name__)

_READ = Access.EXECUTE | Access.READ_FILE | Access.READ_DIR
_READ_DATA = Access.READ_FILE | Access.READ_DIR
_WRITE = (
    _READ_DATA
    | Access.WRITE_FILE
    | Access.TRUNCATE
    | Access.REMOVE_FILE
    | Access.REMOVE_DIR
    | Access.MAKE_REG
    | Access.MAKE_DIR
    | Access.REFER
)
_USE = _READ_DATA | Access.WRITE_FILE | Access.IOCTL_DEV

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
# In /proc, Landlock itself hides other processes' environments and files.
_MACHINE = ("/proc", "/sys")
_CONFIGURATION = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload"),
    *("/etc/localtime", "/etc/fonts", "/etc/alternatives"),
    *("/etc/OpenCL", "/etc/vulkan", "/etc/glvnd", "/etc/nvidia"),
)
_HARMLESS_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_ENCODING_DEVICES = ("nvidia*", "dri", "dxg")
_LIBRARIES_BESIDE_BIN = ("lib", "lib64", "libexec", "share")


@dataclass(frozen=True)
class Sandbox:
    """What one program may reach besides its own code and the system's libraries.

    `reads` and `writes` are files, or folders with everything in them. `tcp_port` is the only port that
    it may connect to; by default there is no network. `devices` opens those that encode, and their
    drivers' Unix sockets.
    """

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    tcp_port: int | None = None
    devices: bool = False

    def enter(self, program: str) -> None:
        """Restricts the calling thread permanently, as far as the kernel can; warns about what it cannot."""
        try:
            privileges.renounce()
            if landlock.abi():
                landlock.restrict_thread(self._paths(program), self.tcp_port)
            if seccomp.is_known():
                seccomp.restrict_thread(tcp=self.tcp_port is not None, unix=self.devices)
        except OSError as error:
            _warn(f"media programs are not confined: {error}")
        else:
            if lack := _lack():
                _warn(lack)

    def _paths(self, program: str) -> dict[Path, Access]:
        allowed = dict.fromkeys((Path(name) for name in (*_SYSTEM, *_CONFIGURATION)), _READ)
        allowed |= dict.fromkeys((Path(name) for name in _MACHINE), _READ_DATA)
        allowed |= dict.fromkeys((Path(name) for name in _HARMLESS_DEVICES), _USE)
        allowed |= dict.fromkeys(_runtime_of(program), _READ)
        if self.devices:
            found = (path for pattern in _ENCODING_DEVICES for path in Path("/dev").glob(pattern))
            allowed |= dict.fromkeys(found, _USE)
        for paths, access in ((self.reads, _READ_DATA), (self.writes, _WRITE)):
            for path in paths:
                allowed[path] = allowed.get(path, Access(0)) | access
        return allowed


def strength() -> str:
    """How well media programs are confined here, in a sentence."""
    if lack := _lack():
        return lack
    return f"media programs see their own files and no network (Landlock {landlock.abi()}, seccomp)"


def _lack() -> str:
    if not landlock.abi():
        no_network = "" if seccomp.is_known() else " and the network"
        return (
            "this kernel has no Landlock (Linux 5.13 and later, unless switched off): media programs "
            f"can reach every file that Nightreel can{no_network}"
        )
    if not seccomp.is_known():
        return "this machine accepts no seccomp filter: media programs can open sockets other than TCP"
    return ""


@lru_cache(maxsize=4)
def _warn(sentence: str) -> None:
    """Once per process."""
    log.warning("%s", sentence)


def _runtime_of(program: str) -> tuple[Path, ...]:
    """Where a program's own code and its libraries are."""
    named = Path(shutil.which(program) or program)
    homes = {named.parent, named.resolve().parent}
    beside = (home.parent / name for home in homes if home.name == "bin" for name in _LIBRARIES_BESIDE_BIN)
    listed = (Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if folder)
    python = (Path(sys.prefix), Path(sys.base_prefix))
    return (*homes, *beside, *python, *listed, *bounds().folders)
