"""Sources that were uploaded through the web app, and that no row names any more."""

import logging
import re
from datetime import timedelta

from nightreel.catalog import Catalog
from nightreel.one_by_one import try_each
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.prefixes import UPLOADS

log = logging.getLogger(__name__)

_UPLOADED = re.compile(re.escape(UPLOADS) + r"(?P<name>[0-9a-f]{32})(\.[a-z0-9]{1,8})?")
_FEW = 3
"""So many may lose their rows at once whatever their share."""


def delete_unnamed(catalog: Catalog, bucket: Bucket, grace: timedelta, share: float) -> list[str]:
    """Deletes the uploaded sources that no row has named for `grace`; their keys.

    A source is named by a title's row, by an upload that the catalog remembers, by a run that
    converts it, or by a published title that was made of it. Nothing is deleted, and no time
    counts, while a mapped table has lost all its rows, or more than `share` of all uploads lose
    theirs at once: then the table or its mapping seems to be wrong. Each is tried by itself;
    raises NotAllDone at the end.
    """
    uploaded = {
        item.key: found["name"] for item in bucket.list(UPLOADS) if (found := _UPLOADED.fullmatch(item.key))
    }
    unnamed = _unnamed(catalog, uploaded)
    new = set(unnamed).difference(catalog.leftovers.found("unnamed_upload"))
    if unnamed and (reason := _distrusted(catalog, len(uploaded), len(new), share)):
        catalog.leftovers.replace("unnamed_upload", ())
        log.warning(
            "%d uploaded sources have no row, but %s: none is deleted; correct the table or the "
            "mapping, or raise NIGHTREEL_ORPHAN_SHARE",
            len(unnamed),
            reason,
        )
        return []
    catalog.leftovers.replace("unnamed_upload", unnamed)
    due = [key for key in catalog.leftovers.found("unnamed_upload", grace) if key in uploaded]
    deleted: list[str] = []

    def delete(key: str) -> None:
        bucket.delete([key])
        log.info("deleted %s, which has no row", key)
        deleted.append(key)

    # Asked once more: a row may name one by now.
    try_each(_unnamed(catalog, {key: uploaded[key] for key in due}), delete)
    return deleted


def _unnamed(catalog: Catalog, uploaded: dict[str, str]) -> list[str]:
    named = catalog.named_sources.among(list(uploaded.values())) if uploaded else set()
    return sorted(key for key, name in uploaded.items() if name not in named)


def _distrusted(catalog: Catalog, uploaded: int, new: int, share: float) -> str | None:
    if empty := catalog.named_sources.emptied_tables():
        return f"a table no longer has any rows ({', '.join(empty)})"
    if new > _FEW and new > share * uploaded:
        return f"{new} of {uploaded} at once is more than NIGHTREEL_ORPHAN_SHARE"
    return None
