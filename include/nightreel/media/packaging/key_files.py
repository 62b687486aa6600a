"""The key of a release as FFmpeg wants it: in files, which nobody else can read and which do not stay."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightreel.vocabulary.protection import Protection


@contextmanager
def key_info_file(protection: Protection | None) -> Iterator[Path | None]:
    """FFmpeg's key info file (the URI for players, the path of the key, the IV in hex).

    It lies in a directory of its own, outside the release and the work area. None without
    protection.
    """
    if protection is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="nightreel-key-") as folder:
        key, info = Path(folder) / "key", Path(folder) / "info"
        _write_private(key, protection.key.key)
        lines = (protection.key_uri, str(key), protection.key.iv.hex())
        _write_private(info, "\n".join(lines).encode())
        yield info


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
