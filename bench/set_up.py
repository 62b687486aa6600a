"""What every measurement needs: a home for its own stack, and a title to convert."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nightreel.local import samples
from nightreel.local.home import Home
from nightreel.local.interruption import undisturbed
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.vocabulary.media import Preset

_COPY_SECONDS = 600.0


def far_from_now() -> str:
    """A schedule by which nothing begins for months.

    Once a year, and half a year from now: Airflow also begins at once what was due within a tenth of the
    interval before now (CronTriggerTimetable's `run_immediately`).
    """
    return f"0 0 1 {(datetime.now(UTC).month + 5) % 12 + 1} *"


def set_up(preset: Preset | None) -> None:
    """Sets the variables that the stack needs. `preset` overrides the ladder's."""
    os.environ |= {
        "NIGHTREEL_BACKLOG_SCHEDULE": far_from_now(),
        "NIGHTREEL_HOUSEKEEPING_SCHEDULE": far_from_now(),
    }
    if preset:
        os.environ["NIGHTREEL_PRESET"] = preset


@contextmanager
def temporary_home() -> Iterator[Home]:
    """A home for a stack, removed afterwards."""
    above = Path(tempfile.mkdtemp(prefix="nightreel-bench-"))
    home = Home(above / "home")
    try:
        yield home
    finally:
        with undisturbed():
            shutil.rmtree(home.sockets, ignore_errors=True)
            shutil.rmtree(above)


def title_file(
    original: Path | None, seconds: float | None, folder: Path, ffmpeg: str, say: Callable[[str], None]
) -> Path:
    """A copy of the original in this folder, cut or repeated to this many seconds.

    Without an original, it is the demo's generated 1080p title.
    """
    if original is None:
        # Where the demo keeps it, so that it is generated only once.
        original = samples.collect(Home.from_environment().root / "cache", ffmpeg, say)[samples.FEATURE]
    source = folder / "title.mp4"
    if seconds is None:
        shutil.copyfile(original, source)
    else:
        copy_for(original, source, seconds, ffmpeg)
    return source


def copy_for(original: Path, target: Path, seconds: float, ffmpeg: str) -> None:
    """The original at this length, repeated as often as needed; not encoded again."""
    process.run(
        [
            *(ffmpeg, "-nostdin", "-y", "-v", "error", "-stream_loop", "-1", "-i", f"file:{original}"),
            *("-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-t", str(seconds), f"file:{target}"),
        ],
        timeout_seconds=_COPY_SECONDS,
        sandbox=Sandbox(reads=(original,), writes=(target.parent,)),
    )
