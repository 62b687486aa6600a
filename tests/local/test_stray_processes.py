import os
import subprocess
import sys
from pathlib import Path

import psutil

from nightreel.local import stray_processes
from nightreel.local.home import Home

_ORPHAN = """
import subprocess
nowhere = subprocess.DEVNULL
print(subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=nowhere, stderr=nowhere).pid)
"""


def _orphan(home: Home) -> psutil.Process:
    """A process whose parent is gone, as FFmpeg's is when its task was killed."""
    environment = {**os.environ, stray_processes.MARK: stray_processes.mark_of(home)}
    pid = subprocess.run(
        [sys.executable, "-c", _ORPHAN], env=environment, check=True, capture_output=True, text=True
    ).stdout
    return psutil.Process(int(pid))


def test_an_orphan_is_found_by_its_mark_and_ended(tmp_path: Path) -> None:
    home = Home(tmp_path)
    orphan = _orphan(home)
    assert stray_processes.find(home) == [orphan]
    assert stray_processes.end(home) == 1
    assert not orphan.is_running()


def test_the_processes_of_another_home_are_left_alone(tmp_path: Path) -> None:
    mine, other = Home(tmp_path / "mine"), Home(tmp_path / "other")
    theirs = _orphan(other)
    try:
        assert stray_processes.end(mine) == 0
        assert theirs.is_running()
    finally:
        stray_processes.end(other)


def test_the_command_that_looks_does_not_end_itself(tmp_path: Path) -> None:
    home = Home(tmp_path)
    code = (
        "from pathlib import Path; from nightreel.local import stray_processes; "
        f"from nightreel.local.home import Home; print(stray_processes.end(Home(Path({str(tmp_path)!r}))))"
    )
    environment = {
        **os.environ,
        stray_processes.MARK: stray_processes.mark_of(home),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    ended = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    assert ended.stdout.strip() == b"0"
