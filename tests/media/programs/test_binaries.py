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
