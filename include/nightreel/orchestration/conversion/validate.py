"""The gate: nothing reaches the bucket unless it passed."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import get_current_context

from nightreel.checks.facts.release import ReleaseFacts, measure_set
from nightreel.checks.gate import GateResult, judge_facts, raise_if_refused
from nightreel.orchestration.conversion.report import new_report, reports_what_passes
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.conversion.tracks import read_tracks
from nightreel.releases.files import describe_files, write_manifests
from nightreel.releases.track_record import TrackRecord
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.tracks import STILLS, rendition_of, track_id
from nightreel.workspace.names import MANIFESTS, RELEASE

log = logging.getLogger(__name__)


def validate_release(ticket: dict[str, Any], fetched_bytes: int) -> None:
    """Judges the release by what was measured of its tracks and manifests, and writes these as uploaded.

    The report (Data Docs) of a release that is refused is kept under NIGHTREEL_REPORTS; of one that passes,
    as NIGHTREEL_VALIDATION_REPORTS says. Raises ReleaseRejected, which names the
    expectations that were not met.
    """
    with working(ticket, "validate") as conversion:
        directory = conversion.area.fetch(RELEASE)
        tracks = read_tracks(conversion)
        facts = [found for record in tracks.values() if (found := record.facts) is not None]
        result = _judged(measure_set(directory, conversion.plan, facts), conversion, fetched_bytes)
        log.info(
            "%d expectations, %d not met",
            sum(len(suite.verdicts) for suite in result.suites),
            len(result.failures),
        )
        raise_if_refused(result)
        _write_manifests(conversion, directory, tracks, result)


def _judged(facts: ReleaseFacts, conversion: Conversion, fetched_bytes: int) -> GateResult:
    """The verdicts, after their report where one is kept."""
    judged = partial(
        judge_facts, facts, conversion.plan, conversion.source, fetched_bytes, key=conversion.content_key
    )
    run_id = str(get_current_context()["run_id"])
    if not reports_what_passes(conversion.settings.validation_reports, run_id):
        result = judged()
        if result.passed:
            return result
    report = new_report(conversion)
    result = judged(report_directory=report)
    log.info("the report is at %s", report)
    return result


def _write_manifests(
    conversion: Conversion, directory: Path, tracks: Mapping[str, TrackRecord], result: GateResult
) -> None:
    """The release's manifests as the bucket is to have them, and `release.json` over all its files."""
    claim = conversion.claim
    stills = [file for file in describe_files(directory) if rendition_of(file.name) == STILLS]
    manifest = ReleaseManifest(
        release=claim.release,
        content_type=claim.title.content_type,
        content_id=claim.title.content_id,
        files=(*(file for record in tracks.values() for file in record.files), *stills),
        tracks={
            **{name: record.track for name, record in tracks.items() if record.files},
            STILLS: track_id(STILLS, claim.release),
        },
        made_for="" if conversion.scope.timeline == claim.release else conversion.scope.timeline,
        plan=conversion.plan.model_dump(mode="json"),
        tools=conversion.binaries.versions() | _encoders(tracks),
        checks=result.summary(),
        quality={name: record.quality for name, record in tracks.items() if record.quality},
    )
    with conversion.area.writing(MANIFESTS) as manifests:
        write_manifests(manifest, directory, manifests)


def _encoders(tracks: Mapping[str, TrackRecord]) -> dict[str, str]:
    """FFmpeg's name of the encoder of each picture, as `encoder of 360p`."""
    return {
        f"encoder of {name}": record.recipe["encoder"]
        for name, record in tracks.items()
        if "encoder" in record.recipe
    }
