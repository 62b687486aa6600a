"""`release.json`: what a release is made of, and how it was made."""

import posixpath
import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.layout import flat_prefix, release_prefix, track_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import rendition_of, valid_track_id

_MANIFESTS = (MASTER, MPD, MANIFEST)
_FILE_NAME = re.compile(r"[a-z0-9][A-Za-z0-9_-]*\.[a-z0-9]+")


class ReleaseFile(BaseModel):
    """One file of a release. `size` in bytes; digests in lower-case hex."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    sha256: str
    md5: str

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a plain file name")
        return name


class ReleaseManifest(BaseModel):
    """`release.json`: every file of a release but itself, and how the release was made."""

    model_config = ConfigDict(frozen=True)

    release: str
    content_type: str
    content_id: str
    files: tuple[ReleaseFile, ...]
    """Those of its tracks, and its manifests."""
    tracks: dict[str, str] = {}
    """The id of the track that holds each rendition, and the stills. Empty for a flat release."""
    made_for: str = ""
    """The release that its timeline was first made for, if it is not this one."""
    plan: dict[str, Any]
    tools: dict[str, str]
    checks: dict[str, Any]
    quality: dict[str, dict[str, float]] = {}
    """VMAF by rendition, as `media.encoding.quality` gives it; empty where it was not measured."""

    @field_validator("tracks")
    @classmethod
    def _plain_ids(cls, tracks: dict[str, str]) -> dict[str, str]:
        if malformed := [each for each in tracks.values() if not valid_track_id(each)]:
            raise ValueError(f"{malformed[0]!r} is not a track's id")
        return tracks

    @model_validator(mode="after")
    def _every_file_has_a_place(self) -> Self:
        try:
            for name in (MANIFEST, *(file.name for file in self.files)):
                self.key_of(name)
        except ConfigurationError as error:
            raise ValueError(f"it is no title's: {error}") from error
        except KeyError as error:
            raise ValueError(f"{name} is of no track of the release") from error
        return self

    @property
    def timeline(self) -> str:
        """The grid that its tracks share, by the release that it was first made for."""
        return self.made_for or self.release

    @property
    def title(self) -> Title:
        """Whose release it is."""
        return Title(self.content_type, self.content_id)

    @property
    def prefix(self) -> str:
        """Where its manifests are in the bucket."""
        if self.tracks:
            return release_prefix(self.title, self.release)
        return flat_prefix(self.title, self.release)

    def key_of(self, name: str) -> str:
        """The key of one of its files. Raises KeyError for a file of no track of the release."""
        if name in _MANIFESTS or not self.tracks:
            return self.prefix + name
        rendition = rendition_of(name)
        if rendition is None:
            raise KeyError(name)
        return track_prefix(self.title, self.tracks[rendition]) + name

    def reference_to(self, name: str) -> str:
        """The file as the release's own manifests name it, relative to them. Raises KeyError as above."""
        return posixpath.relpath(self.key_of(name), self.prefix)

    @property
    def has_mpd(self) -> bool:
        """Whether the release is for DASH as well as for HLS."""
        return any(file.name == MPD for file in self.files)

    @property
    def total_bytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)
