"""Each rendition by itself: packaged, measured, judged and uploaded, while others are encoded."""

import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nightreel.checks.expectations import suites_of_track
from nightreel.checks.facts import kept
from nightreel.checks.facts.track import TrackFacts, measure_track
from nightreel.checks.gate import judge_track, raise_if_refused
from nightreel.checks.judge import judge
from nightreel.encryption import protection_for
from nightreel.media.encoding.transcode import timeout_for
from nightreel.media.packaging.package import package_track
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import Track
from nightreel.media.planning.recipe import fingerprint, recipe_of
from nightreel.media.renditions import Rendition, VideoRendition
from nightreel.media.stills.stills import stills_sources, write_stills_of
from nightreel.orchestration.conversion.encoder_choice import encoder_used
from nightreel.orchestration.conversion.metering import part
from nightreel.orchestration.conversion.quality import measured_quality
from nightreel.orchestration.conversion.report import new_report
from nightreel.orchestration.conversion.session import Conversion
from nightreel.orchestration.conversion.upload_log import UploadLog
from nightreel.releases.files import describe_file, describe_files
from nightreel.releases.track_record import TrackRecord
from nightreel.releases.upload import Outgoing, upload_files, verify_upload
from nightreel.vocabulary.layout import track_prefix
from nightreel.vocabulary.protection import Protection
from nightreel.vocabulary.release import TRACK
from nightreel.vocabulary.tracks import track_id
from nightreel.workspace.names import encoded_name, packaged_name, stills_name, track_name

log = logging.getLogger(__name__)

_ROOM_FACTOR = 1.1


def finished(names: Iterable[str], conversion: Conversion) -> bool:
    """Whether the bucket has the tracks of all these renditions, on the timeline of the release."""
    return all(_is_finished(name, conversion) for name in names)


def _is_finished(name: str, conversion: Conversion) -> bool:
    if not conversion.area.exists(track_name(name)):
        return False
    # An earlier try of the plan may have taken over what this one does not.
    return TrackRecord.read(conversion.area.fetch(track_name(name))).timeline == conversion.scope.timeline


def finish_tracks(names: Iterable[str], conversion: Conversion, told: Sequence[str] = ()) -> None:
    """Packages, judges and uploads the renditions that were encoded; those that are finished are kept.

    `told` has what was lost when they were encoded. A rendition whose segments carry a sound that is not
    encoded yet is left for later. Raises EncoderFailed, StorageUnavailable, and ReleaseRejected for one
    that the gate refuses: it is not uploaded, and the report is kept.
    """
    for name in names:
        rendition = conversion.plan.rendition(name)
        if not finished([name], conversion) and _may_be_packaged(rendition, conversion):
            _finish(rendition, conversion, told)


def keep_tracks(kept: Mapping[str, TrackRecord], conversion: Conversion) -> None:
    """Takes over tracks that the bucket has from an earlier release, and what was lost in them."""
    for name, record in kept.items():
        if record.warnings:
            conversion.catalog.leases.warn(conversion.claim, record.warnings)
        with conversion.area.writing(track_name(name)) as path:
            path.write_text(record.model_dump_json(), "utf-8")


def read_tracks(conversion: Conversion) -> dict[str, TrackRecord]:
    """The records of all renditions, by name. Raises WorkAreaLost while one is not finished."""
    names = [item.name for item in conversion.plan.renditions]
    return {name: TrackRecord.read(conversion.area.fetch(track_name(name))) for name in names}


def _may_be_packaged(rendition: Rendition, conversion: Conversion) -> bool:
    muxed = conversion.plan.muxed_sound
    if muxed is None or not isinstance(rendition, VideoRendition):
        return True
    return conversion.area.exists(encoded_name(muxed.name))


def _finish(rendition: Rendition, conversion: Conversion, told: Sequence[str]) -> None:
    area = conversion.area
    encoded = _inputs(rendition, conversion)
    area.require_free(int(sum(path.stat().st_size for path in encoded.values()) * _ROOM_FACTOR))
    parts = conversion.parts
    with part(parts, "stills"):
        _cut_stills(rendition, encoded[rendition.name], conversion)
    place = area.scratch(packaged_name(rendition.name))
    with TemporaryDirectory(dir=place.parent, prefix=f"{place.name}.") as folder:
        directory = Path(folder)
        with part(parts, "packaging"):
            packaged, warnings = package_track(_packaging(directory, conversion), rendition, encoded)
        record = _judged(rendition, packaged, directory, conversion, (*told, *warnings))
        if record.warnings:
            conversion.catalog.leases.warn(conversion.claim, record.warnings)
        if record.files:
            (directory / TRACK).write_text(record.model_dump_json(), "utf-8")
            with part(parts, "upload"):
                _upload(record, directory, conversion)
    with area.writing(track_name(rendition.name)) as path:
        path.write_text(record.model_dump_json(), "utf-8")


def _inputs(rendition: Rendition, conversion: Conversion) -> dict[str, Path]:
    """The rendition's own file, and that of the sound within its segments."""
    muxed = conversion.plan.muxed_sound
    names = [rendition.name, *([muxed.name] if muxed and isinstance(rendition, VideoRendition) else [])]
    return {name: conversion.area.fetch(conversion.file_of(name)) for name in names}


def _cut_stills(rendition: Rendition, encoded: Path, conversion: Conversion) -> None:
    plan, area = conversion.stills_plan, conversion.area
    if rendition.name not in stills_sources(plan) or area.exists(stills_name(rendition.name)):
        return
    with area.writing(stills_name(rendition.name)) as directory:
        directory.mkdir()
        write_stills_of(
            plan,
            rendition.name,
            encoded,
            directory,
            ffmpeg_binary=conversion.binaries.ffmpeg,
            timeout_seconds=timeout_for(plan, 1.0),
        )


def _packaging(directory: Path, conversion: Conversion) -> Packaging:
    plan = conversion.plan
    return Packaging(plan, directory, conversion.binaries, timeout_for(plan, 1.0), _protection(conversion))


def _protection(conversion: Conversion) -> Protection | None:
    key = conversion.content_key
    return None if key is None else protection_for(key, conversion.settings)


def _judged(
    rendition: Rendition, packaged: Track, directory: Path, conversion: Conversion, warnings: tuple[str, ...]
) -> TrackRecord:
    plan = conversion.plan
    measured = None
    if rendition != plan.muxed_sound:
        with part(conversion.parts, "gate"):
            key, how = conversion.content_key, conversion.settings.copy_check
            facts = measure_track(directory, plan, rendition, key, how)
            _require_passed(facts, conversion)
        measured = json.loads(kept.to_json(facts))
    encoded = isinstance(rendition, VideoRendition) and not rendition.copied
    encoder = encoder_used(rendition.name, conversion) if encoded else None
    with part(conversion.parts, "digests"):
        files = tuple(describe_files(directory))
    recipe = recipe_of(plan, rendition, conversion.binaries.versions(), encoder)
    return TrackRecord(
        track=track_id(rendition.name, conversion.claim.release),
        timeline=conversion.scope.timeline,
        recipe=recipe,
        fingerprint=fingerprint(recipe),
        packaged=packaged,
        measured=measured,
        files=files,
        quality=measured_quality(rendition.name, conversion),
        warnings=warnings,
    )


def _require_passed(facts: TrackFacts, conversion: Conversion) -> None:
    """Raises ReleaseRejected with what the gate found, and keeps its report, unless the track passes."""
    plan, source, key = conversion.plan, conversion.source, conversion.content_key
    result = judge_track(facts, plan, source, key)
    if not result.passed:
        judge(suites_of_track(facts, plan, source, key), report_directory=new_report(conversion))
    raise_if_refused(result)


def _upload(record: TrackRecord, directory: Path, conversion: Conversion) -> None:
    prefix = track_prefix(conversion.claim.title, record.track)
    files = [
        Outgoing(file, directory / file.name, prefix + file.name)
        for file in (*record.files, describe_file(directory / TRACK))
    ]
    began = time.monotonic()
    threads = conversion.settings.upload_threads
    summary = upload_files(conversion.bucket, files, threads, UploadLog(conversion))
    verify_upload(conversion.bucket, files)
    log.info(
        "uploaded %s: %d files, %d bytes, %.1f s",
        record.track,
        summary.files,
        summary.bytes,
        time.monotonic() - began,
    )
