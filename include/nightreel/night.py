"""A row on its way through the night's tasks, and how much a night takes."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from nightreel.title import Title

_ASSUMED_BITS_PER_SECOND = 4_000_000
_ASSUMED_HOURS = 1.5


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
        if self.source_duration is not None:
            return self.source_duration / 3600
        if self.source_bytes is not None:
            return self.source_bytes * 8 / _ASSUMED_BITS_PER_SECOND / 3600
        return _ASSUMED_HOURS


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
