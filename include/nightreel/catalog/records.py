"""The records that the catalog returns and accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from nightreel.vocabulary.states import Outcome, Part, State
from nightreel.vocabulary.title import Title

DOUBLE_ID = "double_id"
SIZE_CODES = ("source_empty", "source_too_large")
ROW_CODES = ("no_source_url", DOUBLE_ID, *SIZE_CODES)
"""The codes for which a row is refused before any run looks at its source. Runs use them, too."""

ROW_DELETED = "row_deleted"
"""The reason code of a claim that ended because the user deleted the title's row."""

MAX_ATTEMPTS = 5
"""How often one source is tried, a night each, before its title stays failed."""


@dataclass(frozen=True)
class BacklogRow:
    """A row of the user's table, unchanged.

    The URL may be missing and the size absurd: the check of the rows reports that. Sizes in bytes,
    durations in seconds; None if unknown.
    """

    content_type: str
    content_id: str
    name: str
    video_url: str | None
    source_version: str | None
    source_bytes: int | None
    source_duration: float | None
    double_id: str | None = None
    """If several rows have the id: a sentence that says so, and names the table and the column."""

    @property
    def title(self) -> Title:
        """The title of this row."""
        return Title(self.content_type, self.content_id)


@dataclass(frozen=True)
class RowRefusal:
    """Why a row cannot be converted, as a code and a sentence. `source_bytes` is the size that was judged."""

    row: BacklogRow
    code: str
    sentence: str
    source_bytes: int | None


@dataclass(frozen=True)
class Claim:
    """The lease by which a run owns a title. `token` proves it; `release` is what the run will make.

    In the tables, the column of `run_id` is called `owner`.
    """

    title: Title
    token: str
    run_id: str
    release: str
    name: str
    source_url: str
    source_version: str | None
    attempt: int
    encrypt: bool | None
    """Whether to encrypt the title, as a person or its row decided; None if neither did."""
    forced: bool
    """Whether a person wants the source converted even if it is published."""


@dataclass(frozen=True)
class HeldClaim:
    """A claim in force, as housekeeping sees it: whose it is, and which release it is for.

    `night` is the night that made it, None if a person asked for the title; `adopted` says whether the
    run that does the work has taken it over.
    """

    title: Title
    token: str
    run_id: str
    release: str
    claimed_at: datetime
    adopted: bool
    night: str | None


@dataclass(frozen=True)
class Refusal:
    """Why a title was not claimed, as a code and as a sentence."""

    title: Title
    code: Literal["claimed", "published", "quarantined", "no_source"]
    sentence: str


@dataclass(frozen=True)
class Variant:
    """One entry of the multivariant playlist. `bandwidth` in bits per second, `resolution` as 640x360."""

    quality: str
    resolution: str
    bandwidth: int
    codecs: str

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """A `Variant` from the catalog; unknown fields are ignored."""
        return cls(**{field: value[field] for field in cls.__dataclass_fields__})


@dataclass(frozen=True)
class PublishedResult:
    """What publishing records. Durations in seconds, `bytes` of all uploaded files."""

    hls_url: str
    dash_url: str | None
    """None for a release with HLS only."""
    poster_url: str | None
    duration_seconds: float
    variants: tuple[Variant, ...]
    files_uploaded: int
    bytes: int
    processing_seconds: float
    complete: bool = True
    """Whether it has all tracks; a first release has only some."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TitleStatus:
    """One title of the user's tables and its state.

    URLs, duration (seconds), variants, `bytes`, `processing_seconds`, `complete` and `encrypted` are
    those of the published release; `reason` and `warnings` those of the latest attempt.
    """

    content_type: str
    content_id: str
    title: str
    state: State
    reason_code: str | None
    reason: str | None
    hls_url: str | None
    dash_url: str | None
    poster_url: str | None
    duration_seconds: float | None
    variants: tuple[Variant, ...]
    files_uploaded: int | None
    bytes: int | None
    processing_seconds: float | None
    release: str | None
    complete: bool | None
    """Whether the release has all tracks; None where nothing is published."""
    encrypted: bool
    attempts: int
    warnings: tuple[str, ...]
    deadline_missed_at: datetime | None


@dataclass(frozen=True)
class ApiKey:
    """A key by which a program uses the API, without its secret."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """Exact to the minute."""
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One claim on a title and how it ended; `outcome` is None until then.

    `duration_seconds` is the length of the published video, `processing_seconds` the time since the claim.
    """

    release: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    reason_code: str | None
    reason: str | None
    duration_seconds: float | None
    processing_seconds: float | None
    complete: bool | None
    """Whether the release that it published has all tracks; None where it published none."""


@dataclass(frozen=True, kw_only=True)
class AttemptOutcome(Attempt):
    """An attempt as the night finds it, by the token of its claim."""

    title: Title
    token: str
    run_id: str


@dataclass(frozen=True)
class PastConversion:
    """What one conversion took: seconds of video, seconds from claim to publishing, and what it added:
    bytes and files without those that it took over from a first release."""

    part: Part
    source_seconds: float
    processing_seconds: float
    bytes: int
    files: int
