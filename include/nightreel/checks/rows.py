"""The suite `rows`: which scanned rows of the catalog can be converted at all.

Rows that cannot are reported to the owner of the catalog, and delay no other row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from nightreel.checks.judge import judge
from nightreel.checks.suites.row_evaluator import meets
from nightreel.checks.suites.rules import Rule, Suite, holds, matches, present, within
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

# What kind of file it is, its bytes decide once it is fetched.
_NAMES_A_FILE = r"[^/]\s*$"


class ScannedRow(Protocol):
    """What is checked in a row. `source_bytes` is None where the catalog does not say.

    `double_id` is a sentence where several rows have its id, which no row tells by itself.
    """

    @property
    def content_type(self) -> str:
        """As of a title."""

    @property
    def content_id(self) -> str:
        """As of a title; any text, until it was checked."""

    @property
    def video_url(self) -> str | None:
        """A URL, or a key of the bucket; whatever the user's table holds."""

    @property
    def source_bytes(self) -> int | None:
        """Size of the source; None when it could not be found out."""

    @property
    def double_id(self) -> str | None:
        """The sentence why its id does not name one row alone; None where it does."""


RowT = TypeVar("RowT", bound=ScannedRow)


@dataclass(frozen=True)
class RefusedRow(Generic[RowT]):
    """A row that cannot be converted, and why."""

    row: RowT
    sentence: str

    @property
    def code(self) -> str:
        """The code with which a run would refuse the source (docs/refusals.md)."""
        if self.row.double_id is not None:
            return "double_id"
        if not (self.row.video_url or "").strip():
            return "no_source_url"
        if self.row.source_bytes is None:
            return "bad_source_url"
        return "source_empty" if self.row.source_bytes < 1 else "source_too_large"


@dataclass(frozen=True)
class RowVerdict(Generic[RowT]):
    """The rows in their order, divided."""

    accepted: tuple[RowT, ...]
    refused: tuple[RefusedRow[RowT], ...]


@dataclass(frozen=True)
class _CheckedRow:
    name: str
    id_well_formed: bool
    video_url: str | None
    path: str | None
    source_bytes: int | None


def check_rows(rows: Sequence[RowT], max_source_bytes: int) -> RowVerdict[RowT]:
    """Divide rows into those that can be converted and those that cannot."""
    if not rows:
        return RowVerdict((), ())
    suite = Suite("rows", _CheckedRow, tuple(_checked(row) for row in rows), _rules(max_source_bytes))
    sentences: dict[int, list[str]] = {}
    for verdict in judge((suite,), every_row=True)[0].verdicts:
        for position in verdict.failed_rows:
            sentences.setdefault(position, []).append(verdict.sentence)
    for position, row in enumerate(rows):
        if row.double_id is not None:
            sentences.setdefault(position, []).append(row.double_id)
    return RowVerdict(
        accepted=tuple(row for position, row in enumerate(rows) if position not in sentences),
        refused=tuple(
            RefusedRow(rows[position], "; ".join(told)) for position, told in sorted(sentences.items())
        ),
    )


def faults_of(row: ScannedRow, max_source_bytes: int) -> str | None:
    """Why a row cannot be converted, as `check_rows` says it, but at once; None if it can."""
    checked = _checked(row)
    told = [rule.sentence for rule in _rules(max_source_bytes) if not meets(checked, rule)]
    if row.double_id is not None:
        told.append(row.double_id)
    return "; ".join(told) or None


def _rules(max_source_bytes: int) -> tuple[Rule, ...]:
    return (
        holds(
            "row-id",
            "id_well_formed",
            "the id is not made of letters, digits, - and _ (an integer or a UUID)",
        ),
        present("row-url", "video_url", "there is no video URL"),
        matches(
            "row-file",
            "path",
            _NAMES_A_FILE,
            "the video URL names no file",
        ),
        within(
            "row-size",
            "source_bytes",
            1,
            max_source_bytes,
            f"the source is empty, or larger than NIGHTREEL_MAX_SOURCE_BYTES allows ({max_source_bytes})",
        ),
    )


def _checked(row: ScannedRow) -> _CheckedRow:
    url = (row.video_url or "").strip() or None
    return _CheckedRow(
        name=f"{row.content_type} {row.content_id}",
        id_well_formed=_names_a_title(row),
        video_url=url,
        path=_path(url) if url else None,
        source_bytes=row.source_bytes,
    )


def _names_a_title(row: ScannedRow) -> bool:
    try:
        Title(row.content_type, row.content_id)
    except ConfigurationError:
        return False
    return True


def _path(url: str) -> str:
    # A bare key of the bucket is taken as it is: it may hold a ? or a #.
    if "://" not in url:
        return url
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
