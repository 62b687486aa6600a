"""A run that completes a title is killed: its first release plays on, and the next run completes it."""

from pathlib import Path

from nightreel.orchestration.conversion import publish as publishing
from nightreel.orchestration.conversion import tracks as making
from tests.orchestration.installation import Installation
from tests.orchestration.killed_runs import killed_after
from tests.orchestration.runs import convert
from tests.orchestration.test_first_releases import require_playing
from tests.orchestration.test_first_releases import uneven_film as uneven_film

KILLED_AFTER = (
    (making, "_upload"),
    (publishing, "publish_manifests"),
)
"""Two of many places: a new track is in the bucket; players are led to the new release, its row is not."""


def test_wherever_a_completion_is_killed_the_first_release_plays_on_and_the_next_run_completes_it(
    installation: Installation, uneven_film: Path, tmp_path: Path
) -> None:
    title = installation.add_movie(406, uneven_film)
    convert(title, first=True)
    release = installation.conversion(title)["release"]
    for owner, name in KILLED_AFTER:
        killed_after(owner, name, title)
        assert installation.conversion(title)["release"] == release
        require_playing(installation, title, tmp_path)
        installation.age_leases()
    assert convert(title).mapped_names("transcode") == {"240p"}
    assert installation.conversion(title)["complete"]
    require_playing(installation, title, tmp_path)
