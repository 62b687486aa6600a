"""Make one release of all tracks: its manifests, and the still pictures."""

import logging
import shutil
from typing import Any

from nightreel.media.packaging.package import offered, write_manifests
from nightreel.media.stills.stills import stills_sources
from nightreel.orchestration.conversion.session import working
from nightreel.orchestration.conversion.tracks import finish_tracks, read_tracks
from nightreel.workspace.names import RELEASE, stills_name

log = logging.getLogger(__name__)


def package_title(ticket: dict[str, Any]) -> int:
    """Writes the release's manifests and stills into the work area; returns how many files they are.

    The manifests are composed from what was measured of each track. Tracks that had to wait for
    another are finished first.
    """
    with working(ticket, "package") as conversion:
        plan, area = conversion.plan, conversion.area
        finish_tracks([item.name for item in plan.renditions], conversion)
        packaged = {name: record.packaged for name, record in read_tracks(conversion).items()}
        with area.writing(RELEASE) as directory:
            write_manifests(plan, offered(plan, packaged), directory)
            for name in stills_sources(conversion.stills_plan):
                shutil.copytree(area.fetch(stills_name(name)), directory, dirs_exist_ok=True)
            count = sum(1 for _ in directory.iterdir())
        log.info("composed the manifests of %d tracks", len(packaged))
        return count
