"""The rows that a night chooses from."""

import logging
from collections.abc import Callable, Sequence

from nightreel.catalog import BacklogRow, Catalog, RowRefusal
from nightreel.checks.rows import RowVerdict, faults_of
from nightreel.night.rows import ScannedRow, SourceRow
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)

MOST_REFUSED = 10_000
"""At most this many rows that cannot be converted are examined per night, with and without a source each."""

Sized = Callable[[Sequence[SourceRow]], Sequence[SourceRow]]
"""Asks the origins of these rows for the sizes that the catalog does not have."""


def candidates(catalog: Catalog, most: int, max_source_bytes: int, sized: Sized) -> list[SourceRow]:
    """The unconverted rows with a source, oldest first, up to the `most`th that can be converted.

    Includes rows that cannot be converted, which take none of the `most` places.
    """
    known: dict[Title, SourceRow] = {}
    asked = most
    while True:
        scanned = [SourceRow(**vars(row)) for row in catalog.backlog.unconverted(asked, max_source_bytes)]
        known |= {row.title: row for row in sized([row for row in scanned if row.title not in known])}
        # Two rows with one id are one title, and nobody can tell which row is meant.
        rows = [known[title] for title in dict.fromkeys(row.title for row in scanned)]
        enough = _up_to(rows, most, max_source_bytes)
        if enough is not None or len(scanned) < asked or asked == most + MOST_REFUSED:
            return rows[:enough]
        log.info("not enough of %d rows can be converted; looking for more", len(rows))
        # Twice as many, so that few queries find a row behind many others.
        asked = min(2 * asked, most + MOST_REFUSED)


def _up_to(rows: Sequence[SourceRow], most: int, max_source_bytes: int) -> int | None:
    """How many rows there are up to the `most`th that can be converted; None if there are fewer."""
    convertible = 0
    for position, row in enumerate(rows, 1):
        convertible += faults_of(row, max_source_bytes) is None
        if convertible == most:
            return position
    return None


def incomplete(catalog: Catalog, most: int, soon: Sequence[Title] = ()) -> list[SourceRow]:
    """The rows with only a first release, in the night's order; their sources were examined for that.

    Includes those that get one `soon`.
    """
    return [SourceRow(**vars(row)) for row in catalog.backlog.incomplete(most, soon=soon)]


def without_source(catalog: Catalog, max_source_bytes: int, most: int = MOST_REFUSED) -> list[SourceRow]:
    """The rows without a video URL whose title was not refused for that before."""
    return [SourceRow(**vars(row)) for row in catalog.refused_rows.without_source(most, max_source_bytes)]


def judged(
    catalog: Catalog,
    scanned: Sequence[ScannedRow],
    check: Callable[[Sequence[SourceRow]], RowVerdict[SourceRow]],
) -> RowVerdict[SourceRow]:
    """The verdict on these rows as they are now; refused ones are quarantined.

    A row that was deleted since the scan is skipped.
    """
    found = {row.title: row for row in catalog.backlog.rows([row.title for row in scanned])}
    verdict = check(
        [
            SourceRow(**row.model_dump(), **_looked_up(found[title]))
            for title, row in {row.title: row for row in scanned}.items()
            if title in found
        ]
    )
    catalog.refused_rows.refuse(
        [
            RowRefusal(found[refused.row.title], refused.code, refused.sentence, refused.row.source_bytes)
            for refused in verdict.refused
        ]
    )
    return verdict


def _looked_up(row: BacklogRow) -> dict[str, str | None]:
    """The fields that are not passed between tasks."""
    return {"name": row.name, "video_url": row.video_url, "double_id": row.double_id}
