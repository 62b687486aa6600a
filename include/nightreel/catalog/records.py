"""The records that the catalog returns and accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from nightreel.vocabulary.states import Outcome, State
from nightreel.vocabulary.title import Title

DOUBLE_ID = "double_id"
SIZE_CODES = ("source_empty", "source_too_large")
ROW_CODES = ("no_source_url", DOUBLE_ID, *SIZE_CODES)
"""Why a row is refused before any run looks at its source; a run may find the same."""

ROW_DELETED = "row_deleted"
"""The reason code of a claim that ended because the user deleted the title's row."""

MAX_ATTEMPTS = 5
"""How often one source is tried, a night each, before its title stays failed."""


@dataclass(frozen=True)
class BacklogRow:
    """A row of the user's table, as it is there.

    The URL may be missing, and the size absurd: the check of the rows reports that. Sizes
    in bytes, durations in seconds; None where unknown.
    """

    content_type: str
    content_id: str
    name: str
    video_url: str | None
    source_version: str | None
    source_bytes: int | None
    source_duration: float | None
    double_id: str | None = None
    """Where several rows have the id: a sentence that says so, and names the table and the column."""

    @property
    def title(self) -> Title:
        """The title that it is the row of."""
        return Title(self.content_type, self.content_id)


@dataclass(frozen=True)
class RowRefusal:
    """Why a row cannot be converted, as a code and a sentence. `source_bytes` is what was judged."""

    row: BacklogRow
    code: str
    sentence: str
    source_bytes: int | None


@dataclass(frozen=True)
class Claim:
    """The lease by which a run owns a title. `token` proves it; `release` is what it will make.

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
    """Whether to encrypt the title, as a person decided or its row says; None where neither does."""
    forced: bool
    """Whether a person wants the source converted, whatever is published of it."""


@dataclass(frozen=True)
class HeldClaim:
    """A claim in force, as housekeeping sees it: by which run, and which release it makes.

    `night` is the night that made it, None for what a person asked for; `adopted` says whether
    the run that is to do the work has taken it over.
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
        """As `Variant` was written to the catalog; fields that it does not know are passed over."""
        return cls(**{field: value[field] for field in cls.__dataclass_fields__})


@dataclass(frozen=True)
class PublishedResult:
    """What publishing writes down. Durations in seconds, `bytes` of all uploaded files."""

    hls_url: str
    dash_url: str | None
    """None for a release for HLS alone."""
    poster_url: str | None
    duration_seconds: float
    variants: tuple[Variant, ...]
    files_uploaded: int
    bytes: int
    processing_seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TitleStatus:
    """One title of the user's tables and its state.

    URLs, duration (seconds), variants, `bytes`, `processing_seconds` and `encrypted` are those
    of the published release; `reason` and `warnings` those of the latest attempt.
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
    """To the minute."""
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One claim on a title and how it ended; `outcome` is None while it lasts.

    `duration_seconds` is the length of the published video, `processing_seconds` what it took
    from the claim on.
    """

    release: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    reason_code: str | None
    reason: str | None
    duration_seconds: float | None
    processing_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class AttemptOutcome(Attempt):
    """An attempt as the night looks it up: by the token of its claim."""

    title: Title
    token: str
    run_id: str


@dataclass(frozen=True)
class PastConversion:
    """What one published title took: seconds of video, seconds from claim to publishing, bytes, files."""

    source_seconds: float
    processing_seconds: float
    bytes: int
    files: int
