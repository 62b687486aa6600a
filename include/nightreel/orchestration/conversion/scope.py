"""What a run makes of its title: a first release, all of it, or what a first release lacks."""

import logging
from collections.abc import Mapping
from functools import cached_property

from pydantic import BaseModel, ConfigDict, ValidationError

from nightreel.catalog import Catalog
from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.planning.plan import Plan
from nightreel.media.planning.recipe import fingerprint, recipe_of
from nightreel.media.renditions import Rendition, VideoRendition
from nightreel.media.stills.jpeg import every_player_shows
from nightreel.releases.track_record import TrackRecord
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import release_prefix, track_prefix
from nightreel.vocabulary.release import MANIFEST, TRACK
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


class Scope(BaseModel):
    """Which tracks of a plan a run makes, and which it takes over from the title's first release."""

    model_config = ConfigDict(frozen=True)

    complete: bool
    """Whether the release has all tracks that the title is to have."""
    timeline: str
    """The one that its tracks share, by the release that it was made for."""
    kept: tuple[str, ...] = ()
    """The renditions whose tracks are taken over."""


def first_scope(first: Plan, whole: Plan, release: str) -> Scope:
    """That of a first release: complete where there is no more to make."""
    return Scope(complete=first.renditions == whole.renditions, timeline=release)


def completing_scope(whole: Plan, kept: Mapping[str, TrackRecord], release: str) -> tuple[Plan, Scope]:
    """The plan of a complete release, with jobs for all but the kept tracks, and its scope.

    Where nothing is kept, the release begins a timeline of its own.
    """
    jobs = narrowed(whole.jobs, {item.name for item in whole.renditions} - kept.keys())
    timeline = next((record.timeline for record in kept.values()), release)
    scope = Scope(complete=True, timeline=timeline, kept=tuple(kept))
    return whole.model_copy(update={"jobs": jobs}), scope


class FirstRelease:
    """A title's first release in the bucket, from which a complete one may take over tracks."""

    def __init__(self, title: Title, release: str, catalog: Catalog, bucket: Bucket) -> None:
        self._title = title
        self._release = release
        self._catalog = catalog
        self._bucket = bucket

    @cached_property
    def plan(self) -> Plan | None:
        """As it was made; None where the bucket no longer has it. Raises StorageUnavailable."""
        return None if self._manifest is None else Plan.model_validate(self._manifest.plan)

    def tracks_for(self, plan: Plan, tools: Mapping[str, str]) -> dict[str, TrackRecord]:
        """The records of its tracks that would be made alike today, by rendition.

        Only what the bucket really holds; never all pictures that stills may be cut from, because they
        are cut from one that is made anew. Raises StorageUnavailable.
        """
        manifest = self._manifest
        if manifest is None or (plan.encrypted and not self._has_key(manifest.timeline)):
            return {}
        found = {
            item.name: record
            for item in plan.renditions
            if (record := self._track(item, manifest, plan, tools)) is not None
        }
        pictures = [item.name for item in every_player_shows(plan)]
        if found.keys() >= set(pictures):
            del found[pictures[0]]
        return found

    def _has_key(self, timeline: str) -> bool:
        return self._catalog.content_keys.find(self._title, timeline) is not None

    @cached_property
    def _manifest(self) -> ReleaseManifest | None:
        content = self._bucket.get_bytes(release_prefix(self._title, self._release) + MANIFEST)
        if content is None:
            log.warning("the bucket has no %s of the first release %s", MANIFEST, self._release)
            return None
        return ReleaseManifest.model_validate_json(content)

    def _track(
        self, item: Rendition, manifest: ReleaseManifest, plan: Plan, tools: Mapping[str, str]
    ) -> TrackRecord | None:
        track = manifest.tracks.get(item.name)
        if track is None:
            return None
        prefix = track_prefix(self._title, track)
        content = self._bucket.get_bytes(prefix + TRACK)
        record = None if content is None else _understood(content)
        if record is None:
            log.warning("the bucket has no %s of %s that this version understands", TRACK, track)
            return None
        # Another encoder of the same codec is no reason to make a picture again.
        today = recipe_of(plan, item, tools, record.recipe.get("encoder"))
        if record.fingerprint != fingerprint(today) or record.timeline != manifest.timeline:
            log.info("%s is made anew: today's settings make another one", item.name)
            return None
        listed = {each.key.removeprefix(prefix): each.size for each in self._bucket.list(prefix)}
        if any(listed.get(file.name) != file.size for file in record.files):
            log.warning("%s is made anew: the bucket no longer has all of it", item.name)
            return None
        return record.of(item)


def _understood(content: bytes) -> TrackRecord | None:
    """The record; None for one of a version that measured otherwise."""
    try:
        record = TrackRecord.model_validate_json(content)
        _ = record.facts
    except (ValidationError, ValueError):
        return None
    return record


def made_pictures(plan: Plan, scope: Scope) -> set[str]:
    """The names of the pictures that the run makes itself."""
    return {item.name for item in plan.renditions if isinstance(item, VideoRendition)} - set(scope.kept)
