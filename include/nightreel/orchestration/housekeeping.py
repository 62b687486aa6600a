"""The tasks of `housekeeping`. Each is safe to repeat and independent of the others."""

import logging
from contextlib import ExitStack
from datetime import timedelta

from airflow.sdk import get_current_context

from nightreel.catalog import Catalog
from nightreel.cloudflare import Cloudflare
from nightreel.errors import ClaimLost, TitleNotFound
from nightreel.housekeeping import reports
from nightreel.housekeeping.orphans import find_orphans
from nightreel.housekeeping.releases import delete_superseded, delete_unknown, lead_back
from nightreel.housekeeping.uploads import delete_unnamed
from nightreel.orchestration.connections import open_bucket, open_catalog, open_client
from nightreel.orchestration.title_runs import expire_unattended
from nightreel.releases.takedown import purge_what_is_due
from nightreel.releases.withdrawal import finish_withdrawals
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.prefixes import OWN_PREFIXES
from nightreel.workspace.locations import Alive, abort_in_areas, sweep_areas

log = logging.getLogger(__name__)

_ABANDONED_UPLOAD = timedelta(days=1)
_UNTOUCHED_UPLOAD = timedelta(days=7)
_UNTOUCHED = timedelta(hours=1)
_OLD_RUN = timedelta(days=90)
_OLD_REPORT = timedelta(days=30)
_OLD_HISTORY = timedelta(days=90)
_KEPT_ATTEMPTS = 20
"""Kept for each title, however old."""
_FINISHED_UPLOAD = timedelta(days=30)
_LISTED = 100


def return_expired_claims() -> list[str]:
    """Renews the claims of living runs, and ends the others.

    A run may wait for a slot longer than its lease, and must not lose its title for that. A claim that no
    run can end any more, or whose lease expired, goes back to the backlog.
    """
    catalog = open_catalog(settings())
    held = catalog.leases.held()
    attended = expire_unattended(catalog, held)
    for claim in attended:
        try:
            catalog.leases.renew(claim.token, settings().lease)
        except (ClaimLost, TitleNotFound) as error:
            # It ended meanwhile, or its run will find that there is no row.
            log.info("%s: %s", claim.title, error)
    ended = {claim.token for claim in held} - {claim.token for claim in attended}
    returned = [str(claim.title) for claim in held if claim.token in ended]
    returned += [str(title) for title in catalog.verdicts.expire_all()]
    log.info("returned to the backlog: %s", ", ".join(returned) or "none")
    return returned


def abort_abandoned_uploads() -> int:
    """Aborts Nightreel's own multipart uploads that nobody continues; their parts cost storage.

    A person's chunked upload may take days: it ends a week after its latest chunk. Uploads of other
    applications to the same bucket are left alone.
    """
    options = settings()
    catalog, bucket = open_catalog(options), open_bucket(options)
    forgotten = catalog.uploads.forget_untouched("uploading", _UNTOUCHED_UPLOAD)
    spared = catalog.uploads.multipart_ids()
    aborted = sum(bucket.abort_uploads(_ABANDONED_UPLOAD, prefix, spared) for prefix in OWN_PREFIXES)
    if options.work_area.startswith("s3://"):
        client = open_client(options)
        aborted += abort_in_areas(options.work_area, _alive_in(catalog), _ABANDONED_UPLOAD, client)
    log.info("gave up %d chunked uploads, and aborted %d in the bucket", forgotten, aborted)
    return aborted


def delete_superseded_releases() -> list[str]:
    """Deletes releases that were replaced longer ago than the grace period, and unused keys.

    First, publications that stopped midway are undone, and withdrawals are completed: otherwise their
    manifests lead to releases that nothing else names. Raises NotAllDone after trying all.
    """
    options = settings()
    catalog, bucket = open_catalog(options), open_bucket(options)
    grace = timedelta(seconds=options.release_grace_seconds)
    deleted: list[str] = []
    # What is entered last runs first, and each runs whether or not those before it failed.
    with ExitStack() as chores:
        chores.callback(_purge_what_is_due, catalog, bucket)
        chores.callback(_delete_unused_keys, catalog)
        chores.callback(lambda: deleted.extend(map(str, delete_superseded(catalog, bucket, grace))))
        chores.callback(lead_back, catalog, bucket)
        chores.callback(finish_withdrawals, catalog, bucket)
        for title, release in catalog.releases.give_up_abandoned():
            log.warning("publication of release %s of %s stopped, and its run is gone", release, title)
    return deleted


def _purge_what_is_due(catalog: Catalog, bucket: Bucket) -> None:
    for title in purge_what_is_due(catalog, bucket, Cloudflare.from_settings(settings())):
        log.info("purged caches of %s", title)


def _delete_unused_keys(catalog: Catalog) -> None:
    for title, release in catalog.content_keys.delete_unused():
        log.info("deleted the content key of release %s of %s", release, title)


def delete_unknown_releases() -> list[str]:
    """Deletes releases of forgotten runs; in a big bucket, looks at a part of it in each run.

    Raises NotAllDone after trying all.
    """
    options = settings()
    grace = timedelta(seconds=options.release_grace_seconds)
    return [str(each) for each in delete_unknown(open_catalog(options), open_bucket(options), grace)]


def find_orphaned_titles() -> dict[str, list[str]]:
    """Reports published titles that no longer have a row, and deletes those whose grace is over.

    Raises NotAllDone after trying all.
    """
    options = settings()
    seconds = options.orphan_grace_seconds
    grace = None if seconds is None else timedelta(seconds=seconds)
    catalog, run_id = open_catalog(options), str(get_current_context()["run_id"])
    deleted = find_orphans(catalog, open_bucket(options), grace, options.orphan_share, run_id)
    return {
        "orphaned": [str(orphan.title) for orphan in catalog.orphans.found(limit=_LISTED)],
        "deleted": [str(title) for title in deleted],
    }


def delete_unnamed_uploads() -> list[str]:
    """Deletes uploaded sources that no row has named for the grace period, and forgets old uploads.

    Raises NotAllDone after trying all.
    """
    options = settings()
    catalog = open_catalog(options)
    log.info("forgot %d finished uploads", catalog.uploads.forget_untouched("finished", _FINISHED_UPLOAD))
    grace = timedelta(seconds=options.upload_grace_seconds)
    return delete_unnamed(catalog, open_bucket(options), grace, options.orphan_share)


def delete_old_reports() -> list[str]:
    """Deletes the reports of releases that are gone. Raises NotAllDone after trying all."""
    options = settings()
    deleted = reports.delete_old_reports(open_catalog(options), options.reports, _OLD_REPORT)
    log.info("deleted %d reports", len(deleted))
    return [str(each) for each in deleted]


def forget_old_history() -> dict[str, int]:
    """Forgets old attempts and deleted releases; returns how many. Each title's latest ones stay."""
    catalog = open_catalog(settings())
    forgotten = {
        "attempts": catalog.attempts.forget(_KEPT_ATTEMPTS, _OLD_HISTORY),
        "releases": catalog.releases.forget(_OLD_HISTORY),
    }
    log.info("forgot %(attempts)d attempts and %(releases)d deleted releases", forgotten)
    return forgotten


def sweep_work_area() -> list[str]:
    """Removes what runs left in the work area that no longer own a title."""
    options = settings()
    client = open_client(options) if options.work_area.startswith("s3://") else None
    removed = sweep_areas(options.work_area, _alive_in(open_catalog(options)), _UNTOUCHED, client)
    log.info("swept: %s", ", ".join(removed) or "nothing")
    return removed


def _alive_in(catalog: Catalog) -> Alive:
    """Whether a run still owns the title whose release it makes."""
    held = {(claim.title, claim.release) for claim in catalog.leases.held()}
    return lambda title, release: (title, release) in held


def forget_old_runs() -> int:
    """Forgets the progress of runs that nobody follows any more; the catalog keeps their results."""
    forgotten = open_catalog(settings()).runs.forget(_OLD_RUN)
    log.info("forgot %d old runs", forgotten)
    return forgotten
