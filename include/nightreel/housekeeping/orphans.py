"""Published titles whose row is gone: found, reported, and deleted if a grace period is set."""

import logging
from datetime import timedelta

from nightreel.catalog import Catalog
from nightreel.catalog.orphans import Orphan, Survey
from nightreel.catalog.withdrawal import RowIsThere
from nightreel.one_by_one import try_each
from nightreel.releases.withdrawal import TitleInWork, withdraw
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)

_NAMED = 20


def find_orphans(
    catalog: Catalog, bucket: Bucket, grace: timedelta | None, share: float, run_id: str
) -> list[Title]:
    """Reports published titles that no longer have a row; deletes those found `grace` ago, and returns them.

    Without a grace period nothing is deleted, and nothing while the table, and not its titles,
    seems to be gone: more than `share` of a content type's titles at once. `run_id` is the run that
    looks. Each title is tried by itself; raises NotAllDone at the end.
    """
    for content_type, count in catalog.orphans.unmapped().items():
        log.warning(
            "%d published titles are of the type %s, which the catalog mapping does not name: they stay",
            count,
            content_type,
        )
    trusted = [
        content_type
        for content_type in catalog.mapping.content_types
        if _trusted(catalog.orphans.survey(content_type, run_id, share, grace), share)
    ]
    known = catalog.orphans.found()
    if known:
        named = ", ".join(str(orphan.title) for orphan in known[:_NAMED])
        log.warning("published, but their rows are gone: %s%s", named, ", …" if len(known) > _NAMED else "")
    return [] if grace is None else _delete(catalog, bucket, catalog.orphans.found(trusted, grace))


def _trusted(survey: Survey, share: float) -> bool:
    reason = survey.distrusted(share)
    if reason is not None:
        log.warning(
            "%s: nothing of it is deleted; correct the table or the mapping, or, if they are meant to go, "
            "delete them one by one (DELETE /videos/%s/<id>) or raise NIGHTREEL_ORPHAN_SHARE",
            reason,
            survey.content_type,
        )
    return reason is None


def _delete(catalog: Catalog, bucket: Bucket, orphans: list[Orphan]) -> list[Title]:
    deleted: list[Title] = []

    def delete(title: Title) -> None:
        try:
            count = withdraw(catalog, bucket, title, orphaned=True)
        except (RowIsThere, TitleInWork) as kept:
            log.info("%s: %s", title, kept)
            return
        log.info("deleted %s, whose row is gone: %d files", title, count)
        deleted.append(title)

    try_each([orphan.title for orphan in orphans], delete)
    return deleted
