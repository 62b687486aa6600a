import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest

from nightreel.errors import ConfigurationError
from nightreel.media.programs.binaries import Binaries, find_binaries


def test_the_programs_that_came_with_nightreel_run_and_say_who_they_are(binaries: Binaries) -> None:
    versions = binaries.versions()
    assert versions["ffmpeg"].startswith("ffmpeg version")
    assert versions["ffprobe"].startswith("ffprobe version")
    assert "packager" in versions["packager"]


@pytest.mark.parametrize("program", ["ffmpeg", "ffprobe", "packager"])
def test_a_configured_program_that_does_not_exist_names_its_setting(program: str) -> None:
    with pytest.raises(ConfigurationError, match=f"NIGHTREEL_{program.upper()}=/nowhere/it"):
        find_binaries(**{program: "/nowhere/it"})


def test_a_configured_program_is_used(binaries: Binaries) -> None:
    assert find_binaries(ffmpeg=binaries.ffprobe).ffmpeg == binaries.ffprobe


STARTS = """
import sys
sys.addaudithook(lambda event, given: event == "subprocess.Popen" and print(f"started {given[0]}"))
from nightreel.media.programs.binaries import find_binaries
print(find_binaries().ffmpeg)
"""


def test_looking_for_the_programs_starts_none_of_them(binaries: Binaries) -> None:
    # The library that brings FFmpeg tries it out with all that this process has in its environment.
    done = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [binaries.ffmpeg]


def test_where_no_ffmpeg_came_with_nightreel_that_of_the_system_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(imageio_ffmpeg, "__path__", [str(tmp_path)])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="NIGHTREEL_FFMPEG"):
        find_binaries()
    system = tmp_path / "ffmpeg"
    system.write_text("#!/bin/sh")
    system.chmod(0o755)
    assert find_binaries().ffmpeg == str(system)
