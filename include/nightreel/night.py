"""A row on its way through the night's tasks, and how much a night takes."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from nightreel.title import Title

_ASSUMED_BITS_PER_SECOND = 4_000_000
_ASSUMED_HOURS = 1.5
_LONGEST_HOURS = 10_000.0

LengthFrom = Literal["catalog", "size", "nothing"]
"""Where a length comes from: the user's column, the size of the file, or nowhere: an assumption."""


class ScannedRow(BaseModel):
    """An unconverted row of the user's table, with the size of its source where known (bytes)."""

    model_config = ConfigDict(frozen=True)

    content_type: str
    content_id: str
    name: str
    video_url: str | None
    source_version: str | None = None
    source_bytes: int | None = None
    source_duration: float | None = None

    @property
    def title(self) -> Title:
        return Title(self.content_type, self.content_id)

    @property
    def hours(self) -> float:
        """Length of the source: as the catalog says, else as its size suggests."""
        return self._length[0]

    @property
    def length_from(self) -> LengthFrom:
        """What `hours` rests on."""
        return self._length[1]

    @property
    def _length(self) -> tuple[float, LengthFrom]:
        # Lengths and sizes that nothing has, which a user's table may hold, count as unknown.
        if self.source_duration is not None and 0 < self.source_duration < _LONGEST_HOURS * 3600:
            return self.source_duration / 3600, "catalog"
        if self.source_bytes is not None and self.source_bytes > 0:
            return min(self.source_bytes * 8 / _ASSUMED_BITS_PER_SECOND / 3600, _LONGEST_HOURS), "size"
        return _ASSUMED_HOURS, "nothing"


def within_one_night(rows: Iterable[ScannedRow], max_titles: int, max_hours: float) -> list[ScannedRow]:
    """The rows that fit, in their order; at least one, so that a very long title gets its night."""
    taken: list[ScannedRow] = []
    hours = 0.0
    for row in rows:
        if len(taken) == max_titles or (taken and hours + row.hours > max_hours):
            break
        taken.append(row)
        hours += row.hours
    return taken
