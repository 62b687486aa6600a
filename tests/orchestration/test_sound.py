"""Whether a title gets the sounds of its source, as the run's parameter says."""

from pathlib import Path

import pytest

from tests.orchestration.installation import Installation
from tests.orchestration.runs import run_dag


@pytest.mark.parametrize(("content_id", "sound"), [(701, True), (702, False)])
def test_the_sounds_of_the_source_are_planned_unless_the_run_does_without(
    installation: Installation, film: Path, content_id: int, sound: bool
) -> None:
    title = installation.add_movie(content_id, film)
    conf = {"content_type": "movie", "content_id": title.content_id, "sound": sound}
    run = run_dag("convert_title", conf, pretend="transcode|package|validate|upload|publish|notify|quality")
    assert run.states["plan"] == "success"
    (attempt,) = installation.query(
        "SELECT plan FROM nightreel.attempts WHERE content_id = %s", title.content_id
    )
    assert bool(attempt["plan"]["audio"]) is sound
