"""Changes to finished clips that FFmpeg does not make."""

import subprocess
from pathlib import Path

_TIMEOUT_SECONDS = 60.0


def without_sync_table(path: Path, _: str) -> None:
    """Hides the table of keyframes: all samples count as such (ISO/IEC 14496-12, 8.6.2)."""
    _overwrite(path, b"stss", 0, b"free")


def with_wrong_sync_table(path: Path, _: str) -> None:
    """The second keyframe that the table names is none."""
    _overwrite(path, b"stss", 16, (9).to_bytes(4))


def joined_with_another_size(path: Path, ffmpeg: str) -> None:
    """Puts a smaller picture after the picture, in the same track."""
    parts = [path.with_name(f"{path.stem}_{number}.h264") for number in range(2)]
    for part, shape in zip(parts, (("-c", "copy"), ("-vf", "scale=128:72", "-c:v", "libx264")), strict=True):
        _run(ffmpeg, "-i", str(path), "-map", "0:v", *shape, str(part))
    both = path.with_suffix(".h264")
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    _run(ffmpeg, "-framerate", "25", "-i", str(both), "-c", "copy", str(path))


def _overwrite(path: Path, kind: bytes, offset: int, value: bytes) -> None:
    """Writes over the bytes of a box, from its name on."""
    data = bytearray(path.read_bytes())
    at = data.index(kind) + offset
    data[at : at + len(value)] = value
    path.write_bytes(data)


def _run(ffmpeg: str, *arguments: str) -> None:
    subprocess.run(
        [ffmpeg, "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=_TIMEOUT_SECONDS
    )
