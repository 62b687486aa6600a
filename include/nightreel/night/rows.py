"""A row as the night's tasks pass it on, and how much a night takes."""

from collections.abc import Iterable
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from nightreel.vocabulary.title import Title

_ASSUMED_BITS_PER_SECOND = 4_000_000
_ASSUMED_HOURS = 1.5
_LONGEST_HOURS = 10_000.0

LengthFrom = Literal["catalog", "size", "nothing"]
"""Where a length comes from: the user's column, the file's size, or nowhere, so that it is assumed."""


class ScannedRow(BaseModel):
    """An unconverted row of the user's table, as the night's tasks pass it on.

    It has what is needed to plan a night, and nothing that a person wrote: between tasks it is stored in
    Airflow's database, and what is there may be rendered as a template. Names and URLs are looked up in
    the catalog where they are used. `source_bytes` and `source_duration` (seconds) are None if unknown.
    """

    model_config = ConfigDict(frozen=True)

    content_type: str
    content_id: str
    source_bytes: int | None = None
    source_duration: float | None = None

    @property
    def title(self) -> Title:
        """Raises ConfigurationError for an id that names no title."""
        return Title(self.content_type, self.content_id)

    @property
    def hours(self) -> float:
        """Length of the source in hours: from the catalog, or estimated from its size."""
        return self._length[0]

    @property
    def length_from(self) -> LengthFrom:
        """What `hours` is based on."""
        return self._length[1]

    @property
    def _length(self) -> tuple[float, LengthFrom]:
        # Impossible lengths and sizes, which a user's table may have, count as unknown.
        if self.source_duration is not None and 0 < self.source_duration < _LONGEST_HOURS * 3600:
            return self.source_duration / 3600, "catalog"
        if self.source_bytes is not None and self.source_bytes > 0:
            return min(self.source_bytes * 8 / _ASSUMED_BITS_PER_SECOND / 3600, _LONGEST_HOURS), "size"
        return _ASSUMED_HOURS, "nothing"


class SourceRow(ScannedRow):
    """The same row with its name and its source's URL, for code that queries the origin or displays it."""

    name: str
    video_url: str | None
    double_id: str | None = None
    """If several rows of its table have the id: a sentence that says so."""

    @property
    def scanned(self) -> ScannedRow:
        """The row without what must not be passed between tasks."""
        return ScannedRow.model_validate(self.model_dump(include=set(ScannedRow.model_fields)))


RowT = TypeVar("RowT", bound=ScannedRow)


def within_one_night(rows: Iterable[RowT], max_titles: int, max_hours: float) -> list[RowT]:
    """The rows that fit, in order; at least one, so that a very long title gets its night, too."""
    taken: list[RowT] = []
    hours = 0.0
    for row in rows:
        if len(taken) == max_titles or (taken and hours + row.hours > max_hours):
            break
        taken.append(row)
        hours += row.hours
    return taken
