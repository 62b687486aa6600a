"""The gate: nothing reaches the bucket unless it passed."""

import logging
import shutil
from pathlib import Path
from typing import Any

from airflow.sdk import get_current_context

from nightreel.checks.gate import GateResult, judge_release, raise_if_refused
from nightreel.orchestration.conversion.encoder_choice import encoders_used
from nightreel.orchestration.conversion.quality import measured_quality
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.links import REPORT_KEY
from nightreel.releases.files import describe_files
from nightreel.vocabulary import release
from nightreel.workspace.names import RELEASE, RELEASE_MANIFEST

log = logging.getLogger(__name__)


def validate_release(ticket: dict[str, Any], fetched_bytes: int) -> None:
    """Measures the packaged release, judges it, and writes its manifest into the work area.

    The report (Data Docs) is kept under NIGHTREEL_REPORTS, also for a release that is refused.
    Raises ReleaseRejected, which names the expectations that were not met.
    """
    with working(ticket, "validate") as conversion:
        directory = conversion.area.fetch(RELEASE)
        report = report_path(conversion.settings.reports, conversion)
        result = judge_release(
            directory,
            conversion.plan,
            conversion.source,
            fetched_bytes,
            report_directory=report,
            key=conversion.content_key,
        )
        get_current_context()["ti"].xcom_push(
            key=REPORT_KEY, value=str(report.relative_to(conversion.settings.reports))
        )
        log.info(
            "%d expectations, %d not met; the report is at %s",
            sum(len(suite.verdicts) for suite in result.suites),
            len(result.failures),
            report,
        )
        raise_if_refused(result)
        _write_manifest(conversion, directory, result)


def report_path(reports: Path, conversion: Conversion) -> Path:
    """Where the report of a release is kept: `<reports>/movie/7/<release>/`."""
    path = reports / conversion.claim.title.content_type / conversion.claim.title.content_id
    path = path / conversion.claim.release
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_manifest(conversion: Conversion, directory: Path, result: GateResult) -> None:
    manifest = release.ReleaseManifest(
        release=conversion.claim.release,
        content_type=conversion.claim.title.content_type,
        content_id=conversion.claim.title.content_id,
        files=tuple(describe_files(directory)),
        plan=conversion.plan.model_dump(mode="json"),
        tools=conversion.binaries.versions() | encoders_used(conversion),
        checks=result.summary(),
        quality=measured_quality(conversion),
    )
    with conversion.area.writing(RELEASE_MANIFEST) as path:
        path.write_text(manifest.model_dump_json(indent=1))
