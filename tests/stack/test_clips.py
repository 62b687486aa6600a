"""Real clips with awkward properties, through the whole stack: published, or quarantined with a reason.

Extra: the clips are not part of the project. NIGHTREEL_CLIPS names their folder; without it,
`../shared/clips` is looked at, and where there is none nothing is tested.
"""

import os
from pathlib import Path

import pytest

from nightreel.cli.reachable import silences
from nightreel.places import PROJECT_ROOT
from tests.stack.demo_stack import DemoStack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

FOLDER = Path(os.environ.get("NIGHTREEL_CLIPS", PROJECT_ROOT.parent / "shared" / "clips"))
REFUSED = {"audio_only": "no video track", "broken_chunk_out_of_range": "cannot be read"}
# `make corpus` has all of them; here are a few of each ending, because each takes the stack a while.
PUBLISHED = {"missing_stsd", "vfr_slow_motion"}


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no clips in {FOLDER}")
def test_clips_are_published_or_quarantined_with_a_reason(demo: DemoStack) -> None:
    clips = [FOLDER / f"{name}.mp4" for name in sorted(PUBLISHED | set(REFUSED))]
    added = demo.nightreel("add", *map(str, clips), "--type", "movie")
    assert added.returncode == 0, added.stderr
    converted = demo.nightreel("backlog", "--wait")
    assert converted.returncode == 0, converted.stdout[-4000:] + converted.stderr
    titles = {title["title"]: title for title in demo.titles("movie")}
    for clip in clips:
        title = titles[clip.stem]
        if clip.stem in REFUSED:
            assert title["state"] == "quarantined"
            assert REFUSED[clip.stem] in title["reason"]
        else:
            assert title["state"] == "published", title
            assert silences(title["hls_url"], title["dash_url"]) == []
    assert demo.work_left() == []
