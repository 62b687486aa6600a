from pathlib import Path

import av
import pytest

from corpus.cases import Case
from corpus.contact_sheet import write_contact_sheet
from corpus.outcome import Outcome
from nightreel.media.programs.binaries import find_binaries
from tests.media.clips import Clip, Sound
from tests.media.encoded import SMALL, encode_all


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
    binaries = find_binaries()
    path = clip.write(tmp_path / "clip.mp4", binaries.ffmpeg)
    made = encode_all(path, tmp_path, binaries, ladder=SMALL)
    outcome = Outcome(Case("clip", path), "published", plan=made.plan, encoded=made.files)
    sheet = tmp_path / "sheet.png"
    assert write_contact_sheet(outcome, sheet, binaries.ffmpeg)
    with av.open(str(sheet)) as picture:
        shown = next(picture.decode(video=0))
    assert (shown.width, shown.height) == (1280, 360 * rows)
