"""`track.json`: what a track is made of, how it was made, and what was measured of it."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from nightreel.checks.facts import kept
from nightreel.checks.facts.track import TrackFacts
from nightreel.media.packaging.track import PictureTrack, SoundTrack, TextTrack
from nightreel.media.renditions import Rendition
from nightreel.vocabulary.release_manifest import ReleaseFile


class TrackRecord(BaseModel):
    """One track. Manifests are composed from `packaged`, and a set is judged from `measured`.

    Neither reads a segment again, nor a playlist.
    """

    model_config = ConfigDict(frozen=True)

    track: str
    """Its id."""
    timeline: str
    """The grid that it is on, by the release that the grid was first made for."""
    recipe: dict[str, Any]
    fingerprint: str
    """Of the recipe."""
    packaged: PictureTrack | SoundTrack | TextTrack
    """What manifests say of it."""
    measured: dict[str, Any] | None
    """What the gate is told of it, as `checks.facts.kept` writes it; None for a sound without segments."""
    files: tuple[ReleaseFile, ...]
    """All but `track.json`."""
    quality: dict[str, float] = {}
    """VMAF, as `media.encoding.quality` gives it; empty where it was not measured."""
    warnings: tuple[str, ...] = ()
    """Sentences for the title's owner about what was lost when it was made."""

    @property
    def facts(self) -> TrackFacts | None:
        """What the gate is told of it. Raises ValueError for what another version measured."""
        return None if self.measured is None else kept.from_json(json.dumps(self.measured))

    def of(self, rendition: Rendition) -> "TrackRecord":
        """The record with this rendition: its label and its defaults may have changed, its segments not."""
        packaged = self.packaged.model_copy(update={"rendition": rendition})
        return self.model_copy(update={"packaged": packaged})

    @classmethod
    def read(cls, path: Path) -> "TrackRecord":
        """Raises OSError, and ValidationError for what is no record."""
        return cls.model_validate_json(path.read_text("utf-8"))
