"""The key of a release as Shaka Packager wants it: as flags that no command line shows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from nightreel.vocabulary.protection import Protection, ProtectionSystem

# That of players without a DRM system of their own (ClearKey, `identity`); every release has it.
_COMMON_SYSTEM = "CommonSystem"
_SYSTEMS: dict[ProtectionSystem, str] = {"widevine": "Widevine", "fairplay": "FairPlay"}


@contextmanager
def key_file(protection: Protection | None) -> Iterator[int | None]:
    """The descriptor of a file of flags for cbcs (ISO/IEC 23001-7, 10.4) with this key.

    It is in memory and has no name, so that only a program that is given the descriptor can read
    it; it is gone with this process even where that is killed outright. None without protection.
    """
    if protection is None:
        yield None
        return
    descriptor = os.memfd_create("nightreel-key")
    with os.fdopen(descriptor, "w") as flag_file:
        flag_file.write("\n".join(_secret_flags(protection)) + "\n")
        flag_file.flush()
        os.fchmod(descriptor, 0o600)
        yield descriptor


def key_flags(keys: int | None) -> list[str]:
    """How the packager is told of the file that `key_file` made."""
    # Opened anew, and so read from its beginning.
    return [] if keys is None else [f"--flagfile=/proc/self/fd/{keys}"]


def _secret_flags(protection: Protection) -> list[str]:
    key = protection.key
    systems = (_COMMON_SYSTEM, *(_SYSTEMS[system] for system in protection.systems))
    return [
        "--enable_raw_key_encryption",
        "--protection_scheme=cbcs",
        # From the first segment on: nothing of the title is clear.
        "--clear_lead=0",
        # Without a label, the key of every stream.
        f"--keys=label=:key_id={key.key_id.hex}:key={key.key.hex()}",
        f"--iv={key.iv.hex()}",
        f"--hls_key_uri={protection.key_uri}",
        f"--protection_systems={','.join(systems)}",
    ]
