"""The files of the rows: tiny real films, and those that no night can convert."""

import subprocess
from pathlib import Path

from nightreel.media.programs.binaries import find_binaries

HOSTILE_NAME = (
    "{{ conn.nightreel_bucket.password }} {% for %} </title><script>alert(1)</script>\r\n#EXTM3U \u202e"
)

_LINES = 360
"""Two rungs."""


class Films:
    """Films by their length, each made once. A film's version is told by its length alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, seconds: int) -> Path:
        path = self._folder / f"film-{seconds}.mp4"
        if not path.exists():
            self._make(path, seconds)
        return path

    def cut_short(self) -> Path:
        """The beginning of a film whose index comes first."""
        whole, path = self.of(3).read_bytes(), self._folder / "cut-short.mp4"
        path.write_bytes(whole[: len(whole) * 2 // 5])
        return path

    def no_video(self) -> Path:
        path = self._folder / "text.mp4"
        path.write_text(HOSTILE_NAME * 50)
        return path

    def _make(self, path: Path, seconds: int) -> None:
        command = [
            *(find_binaries().ffmpeg, "-nostdin", "-y", "-v", "error"),
            *("-f", "lavfi", "-i", f"testsrc2=size=480x{_LINES}:rate=25:duration={seconds}"),
            *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
            *("-movflags", "+faststart", str(path)),
        ]
        subprocess.run(command, check=True, timeout=120, stdin=subprocess.DEVNULL)
