from pathlib import Path

import av
import pytest

from corpus.cases import Case
from corpus.contact_sheet import write_contact_sheet
from corpus.outcome import Outcome
from nightreel.media.programs.binaries import find_binaries
from tests.media.clips import Clip, Sound
from tests.media.encoded import SMALL, encode_all


def _is_written(path: Path, folder: Path, rows: int) -> None:
    binaries = find_binaries()
    made = encode_all(path, folder, binaries, ladder=SMALL)
    outcome = Outcome(Case("clip", path), "published", plan=made.plan, encoded=made.files)
    sheet = folder / "sheet.png"
    assert write_contact_sheet(outcome, sheet, binaries.ffmpeg)
    with av.open(str(sheet)) as picture:
        shown = next(picture.decode(video=0))
    assert (shown.width, shown.height) == (1280, 360 * rows)


@pytest.mark.parametrize(
    ("clip", "rows"),
    [
        (Clip(seconds=0.04), 1),
        (Clip(picture="testsrc2=size=192x108:rate=1", seconds=2, sounds=(Sound(seconds=4),)), 2),
        (Clip(), 3),
    ],
    ids=["one frame", "a held picture", "a film"],
)
def test_a_sheet_has_a_row_for_every_moment_that_there_is(tmp_path: Path, clip: Clip, rows: int) -> None:
    _is_written(clip.write(tmp_path / "clip.mp4", find_binaries().ffmpeg), tmp_path, rows)


def test_recordings_that_were_joined_have_a_sheet(tmp_path: Path) -> None:
    part = Clip(after=("-f", "matroska", "-live", "1")).write(tmp_path / "part.mkv", find_binaries().ffmpeg)
    joined = tmp_path / "joined.mkv"
    joined.write_bytes(part.read_bytes() * 2)
    _is_written(joined, tmp_path, 3)
