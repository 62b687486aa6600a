"""The tracks of a release, and what is left without them."""

import shutil
from pathlib import Path

from nightreel.checks.facts.track import TrackFacts, measure_track, planned_tracks
from nightreel.vocabulary.tracks import rendition_of
from tests.checks.material import Material

KINDS = ("undamaged", "every_kind", "encrypted", "transport_stream", "encrypted_stream")
"""The fixtures that make a release of each kind."""


def measured_tracks(material: Material) -> list[TrackFacts]:
    return [
        measure_track(material.directory, material.plan, item, material.key)
        for item in planned_tracks(material.plan)
    ]


def without_tracks(material: Material, folder: Path) -> Path:
    """What a machine has that is given only the manifests and the stills."""
    names = {item.name for item in planned_tracks(material.plan)}
    folder.mkdir()
    for path in material.directory.iterdir():
        if rendition_of(path.name) not in names:
            shutil.copy(path, folder)
    return folder
