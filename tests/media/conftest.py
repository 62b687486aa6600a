"""Sources made by FFmpeg, small enough to encode in a moment, once per session."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.media.programs.binaries import Binaries, find_binaries
from tests.media.clips import Clip

MakeClip = Callable[[Clip], Path]


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    return find_binaries()


@pytest.fixture(scope="session")
def make_clip(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """The file of a clip; the same clip is made only once."""
    folder = tmp_path_factory.mktemp("clips")
    made: dict[Clip, Path] = {}

    def make(clip: Clip) -> Path:
        if clip not in made:
            made[clip] = clip.write(folder / f"clip_{len(made)}.mp4", binaries.ffmpeg)
        return made[clip]

    return make
