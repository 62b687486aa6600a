"""The tasks of the DAGs, in the order of their graphs.

This is the only module of the package that imports lazily. Airflow reads a DAG file before every task,
and must not wait for drivers, clients and media. So DAG files take their tasks from here, and a running
task imports the module that does its work. In those modules, imports are at the top.

Airflow shows a task's docstring; what a task raises is documented where its work is done.
"""

import asyncio
from typing import Any

# convert_title


def claim() -> dict[str, Any]:
    """Claims the title, so that no other run works on it, or says why not."""
    from nightreel.orchestration.conversion.claim import claim_title

    return claim_title()


def fetch(ticket: dict[str, Any]) -> int:
    """Copies the source into the work area; ends the run when it is the same film that is published."""
    from nightreel.orchestration.conversion.fetch import fetch_source

    return fetch_source(ticket)


def plan(ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Looks at the source, and decides which renditions to make, by which encode jobs."""
    from nightreel.orchestration.conversion.plan import plan_title

    return plan_title(ticket)


def limit_time(context: Any) -> None:
    """Before `transcode` runs: sets its time limit, in proportion to the source."""
    from nightreel.orchestration.conversion import transcode

    transcode.limit_time(context)


def transcode(ticket: dict[str, Any], work: dict[str, Any]) -> None:
    """Encodes the renditions that name it, then cuts, judges and uploads each; finished ones are kept."""
    from nightreel.orchestration.conversion.transcode import transcode_renditions

    transcode_renditions(ticket, work)


def package(ticket: dict[str, Any]) -> int:
    """Composes the manifests of all tracks, and gathers the still pictures."""
    from nightreel.orchestration.conversion.package import package_title

    return package_title(ticket)


def validate(ticket: dict[str, Any], fetched_bytes: int) -> None:
    """Judges the release by all that was measured of it; the report is kept, whatever it says."""
    from nightreel.orchestration.conversion.validate import validate_release

    validate_release(ticket, fetched_bytes)


def upload(ticket: dict[str, Any]) -> None:
    """Uploads the manifests and stills, then compares the bucket's listing with the release's manifest."""
    from nightreel.orchestration.conversion.upload import upload_release_files

    upload_release_files(ticket)


def publish(ticket: dict[str, Any]) -> dict[str, str | None]:
    """Points the stable manifests and the title's row to the release, and reads back what viewers get."""
    from nightreel.orchestration.conversion.publish import publish_title

    return publish_title(ticket)


def cleanup(ticket: dict[str, Any]) -> None:
    """Ends a claim that is still open, removes an unpublished upload, empties the work area."""
    from nightreel.orchestration.conversion.cleanup import clean_up

    clean_up(ticket)


def record_failure(context: Any) -> None:
    """When a title's task has failed for good: records on the title why it was not converted."""
    from nightreel.orchestration.conversion import failures

    failures.record_failure(context)


# nightly_backlog


def scan() -> list[dict[str, Any]]:
    """Finds what is not converted yet, or whose source changed."""
    from nightreel.orchestration.backlog.scan import scan_backlog

    return scan_backlog()


def check(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Checks the scanned rows; those that cannot be converted are quarantined."""
    from nightreel.orchestration.backlog.check import check_scanned_rows

    return check_scanned_rows(rows)


def convert(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Starts a run for each title as places become free, and follows each to its end."""
    from nightreel.orchestration.backlog.convert import convert_titles

    return convert_titles(rows)


def report() -> dict[str, Any]:
    """Reports the result of the night; fails when a title failed."""
    from nightreel.orchestration.backlog.report import report_night

    return report_night()


# Both


def notify() -> None:
    """Tells the configured receivers what happened to this run."""
    from nightreel.orchestration.notification import notify_of_run

    notify_of_run()


async def record_miss(context: dict[str, Any]) -> None:
    """When a run misses its deadline: marks the titles that it owns, and reports it."""
    # Blocking work, including the imports, must not hold up the triggerer's event loop.
    await asyncio.to_thread(_record_miss, context)


def _record_miss(context: dict[str, Any]) -> None:
    from nightreel.orchestration import misses

    misses.record_miss(context)


# housekeeping


def expired_claims() -> list[str]:
    """Returns the titles of dead runs to the backlog, and renews the claims of those that wait."""
    from nightreel.orchestration.housekeeping import return_expired_claims

    return return_expired_claims()


def abandoned_uploads() -> int:
    """Aborts Nightreel's own multipart uploads that nobody continues."""
    from nightreel.orchestration.housekeeping import abort_abandoned_uploads

    return abort_abandoned_uploads()


def superseded_releases() -> list[str]:
    """Deletes releases that were replaced longer ago than the grace period."""
    from nightreel.orchestration.housekeeping import delete_superseded_releases

    return delete_superseded_releases()


def unknown_releases() -> list[str]:
    """Deletes releases that no record names, after the same grace period."""
    from nightreel.orchestration.housekeeping import delete_unknown_releases

    return delete_unknown_releases()


def orphaned_titles() -> dict[str, list[str]]:
    """Reports published titles that no longer have a row, and deletes those whose grace is over."""
    from nightreel.orchestration.housekeeping import find_orphaned_titles

    return find_orphaned_titles()


def unnamed_uploads() -> list[str]:
    """Deletes uploaded sources that no row has named for the grace period."""
    from nightreel.orchestration.housekeeping import delete_unnamed_uploads

    return delete_unnamed_uploads()


def old_reports() -> list[str]:
    """Deletes old reports of releases that are gone."""
    from nightreel.orchestration.housekeeping import delete_old_reports

    return delete_old_reports()


def old_history() -> dict[str, int]:
    """Forgets attempts and deleted releases of long ago."""
    from nightreel.orchestration.housekeeping import forget_old_history

    return forget_old_history()


def work_area() -> list[str]:
    """Removes what dead runs left in the work area."""
    from nightreel.orchestration.housekeeping import sweep_work_area

    return sweep_work_area()


def old_jobs() -> int:
    """Forgets the progress of old jobs."""
    from nightreel.orchestration.housekeeping import forget_old_runs

    return forget_old_runs()


def notifications() -> None:
    """Sends again what receivers did not accept, and forgets old events."""
    from nightreel.orchestration.notification import deliver_left_over

    deliver_left_over()
