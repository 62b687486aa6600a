"""What the API says about titles, and the requests that it takes."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from nightreel.catalog import TitleAttempt, TitleRecord
from nightreel.cloudflare import purge_requests
from nightreel.releases.takedown import CachePurge
from nightreel.vocabulary.states import Outcome, State

Status = Literal["pending", "processing", "completed", "quarantined", "failed"]

_STATUS: dict[State, Status] = {
    "pending": "pending",
    "claimed": "processing",
    "published": "completed",
    "quarantined": "quarantined",
    "failed": "failed",
}


class TitleVariant(BaseModel):
    """A quality that a player may choose. `bandwidth` in bits per second, at its highest."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    quality: str = Field(examples=["720p"])
    resolution: str = Field(examples=["1280x720"])
    bandwidth: int = Field(examples=[2_928_000])
    codecs: str = Field(examples=["avc1.64001f,mp4a.40.2"])


class VideoRecord(BaseModel):
    """A title and its state.

    URLs, duration (seconds), variants, `files`, `bytes` and `complete` are those of the published
    release, which a later refusal leaves as they are; `reason` and `warnings` those of the latest attempt.
    """

    model_config = ConfigDict(frozen=True)

    content_type: str = Field(examples=["movie"])
    content_id: str = Field(examples=["123"])
    title: str = Field(examples=["A film"])
    state: State
    status: Status
    """The same, in the words of those who ask for an upload's progress."""
    complete: bool | None = Field(examples=[True])
    """Whether the release has all renditions. False: a first release, which plays while the others are
    still to come; null where nothing is published."""
    reason_code: str | None = Field(examples=["no_video"])
    reason: str | None = Field(examples=["there is no picture in it"])
    url: str | None = Field(examples=["https://media.example/hls/movies/123/master.m3u8"])
    """As `hls_url`."""
    hls_url: str | None = Field(examples=["https://media.example/hls/movies/123/master.m3u8"])
    dash_url: str | None = Field(examples=["https://media.example/hls/movies/123/manifest.mpd"])
    thumbnail_url: str | None = Field(
        examples=["https://media.example/hls/movies/123/tracks/stills-20260301T011502-81802c6f/poster.jpg"]
    )
    duration: float | None = Field(examples=[5400.5])
    variants: tuple[TitleVariant, ...]
    files: int | None = Field(examples=[1480])
    bytes: int | None = Field(examples=[3_200_000_000])
    processing_seconds: float | None = Field(examples=[2711.4])
    """What the published release took, from claim to publishing."""
    release: str | None = Field(examples=["20261121T010000-0a1b2c3d"])
    encrypted: bool
    attempts: int = Field(examples=[1])
    warnings: tuple[str, ...] = Field(examples=[["The sound is 40 ms late."]])
    deadline_missed_at: datetime | None
    published_at: datetime | None
    updated_at: datetime | None
    """When anything became of it last; null for a title that was never tried."""
    job_id: str | None = Field(examples=["api__movie_123__6f2c1a9b04de"])
    """The run that works on it; null also while a night has it reserved."""
    page: str = Field(examples=["/titles/movie/123"])
    """The path of its page."""

    @classmethod
    def fields_of(cls, record: TitleRecord, page: str) -> dict[str, Any]:
        """The fields that all records of a title share. `page` is the address of its page."""
        return {
            "content_type": record.content_type,
            "content_id": record.content_id,
            "title": record.title,
            "state": record.state,
            "status": _STATUS[record.state],
            "complete": record.complete,
            "reason_code": record.reason_code,
            "reason": record.reason,
            "url": record.hls_url,
            "hls_url": record.hls_url,
            "dash_url": record.dash_url,
            "thumbnail_url": record.poster_url,
            "duration": record.duration_seconds,
            "variants": tuple(TitleVariant.model_validate(variant) for variant in record.variants),
            "files": record.files_uploaded,
            "bytes": record.bytes,
            "processing_seconds": record.processing_seconds,
            "release": record.release,
            "encrypted": record.encrypted,
            "attempts": record.attempts,
            "warnings": record.warnings,
            "deadline_missed_at": record.deadline_missed_at,
            "published_at": record.published_at,
            "updated_at": record.updated_at,
            "job_id": record.run_id,
            "page": page,
        }

    @classmethod
    def of(cls, record: TitleRecord, page: str) -> Self:
        """`page` is the address of the title's page."""
        return cls(**cls.fields_of(record, page))


class AttemptRecord(BaseModel):
    """One try to convert a title; `outcome` is null while it lasts.

    `duration_seconds` is the length of what was published, `processing_seconds` what it took.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str = Field(examples=["api__movie_123__6f2c1a9b04de"])
    release: str = Field(examples=["20261121T010000-0a1b2c3d"])
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    complete: bool | None = Field(examples=[True])
    """Whether what it published has all renditions; null where it published nothing."""
    reason_code: str | None = Field(examples=["no_video"])
    reason: str | None = Field(examples=["there is no picture in it"])
    duration_seconds: float | None = Field(examples=[5400.5])
    processing_seconds: float | None = Field(examples=[2711.4])
    timings: dict[str, Any] = Field(examples=[{"fetch": {"began": 1_795_222_800.0, "seconds": 12.5}}])
    """By step: when it began (seconds since the epoch), its seconds, CPU seconds and peak bytes."""
    not_copied: tuple[str, ...] = Field(
        examples=[["Its picture is not copied: its keyframes are up to 20.0 s apart."]]
    )
    """Why it could not have the source's own picture, or one of its own sounds."""
    report: str | None = Field(examples=["/reports/movie/123/20261121T010000-0a1b2c3d/index.html"])
    """The path of its validation report."""
    run_page: str = Field(examples=["/dags/convert_title/runs/api__movie_123__6f2c1a9b04de"])
    """Airflow's page of the run, or of the night that had the title reserved when no run came for it."""

    @classmethod
    def of(cls, attempt: TitleAttempt, report: str | None, run_page: str) -> Self:
        """`report` and `run_page` are addresses."""
        told = vars(attempt) | {"job_id": attempt.run_id}
        return cls(**told, report=report, run_page=run_page)


class VideoDetail(VideoRecord):
    """A title with its history, the newest attempt first, a hundred at most."""

    history: tuple[AttemptRecord, ...]


class ConversionOrder(BaseModel):
    """How a title is to be converted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    force: bool = False
    """Also if it is published and unchanged, or was refused."""
    first: bool = False
    """Only what plays soonest: one rendition, with the sounds and subtitles. A night, or a conversion
    without it, adds the others. Not together with `ladder`."""
    encrypt: bool | None = None
    """Holds for later conversions too; null leaves it as it was decided before."""
    ladder: tuple[str, ...] = Field((), max_length=32, examples=[["360p", "720p"]])
    """The rungs to choose from; empty: all."""


class Requeued(BaseModel):
    """A title that the next night tries again."""

    model_config = ConfigDict(frozen=True)

    message: str = Field(examples=["movie 123 is back in the backlog."])


class AllRequeued(BaseModel):
    """The titles that the next nights try again."""

    model_config = ConfigDict(frozen=True)

    message: str = Field(examples=["12 titles are back in the backlog."])
    count: int = Field(examples=[12])


class Caches(BaseModel):
    """What happened to the copies of a title in caches, which may keep its segments for a year."""

    model_config = ConfigDict(frozen=True)

    purged: bool
    """Whether Cloudflare's cache was purged of all that was ever published of the title."""
    message: str = Field(examples=["Cloudflare's cache is purged of it."])
    requests: tuple[dict[str, tuple[str, ...]], ...] = Field(
        examples=[[{"prefixes": ["media.example.com/hls/movies/123/master.m3u8"]}]]
    )
    """The bodies of the calls of Cloudflare's API (`POST /zones/{zone_id}/purge_cache`) that purge it."""

    @classmethod
    def of(cls, purge: CachePurge) -> Self:
        """What was purged, or the requests to send to the cache by hand."""
        requests = tuple(
            {name: tuple(each) for name, each in body.items()} for body in purge_requests(purge.prefixes)
        )
        return cls(purged=purge.purged, message=purge.sentence, requests=requests)


class Cached(BaseModel):
    """What caches may hold of a title."""

    model_config = ConfigDict(frozen=True)

    requests: tuple[dict[str, tuple[str, ...]], ...] = Field(
        examples=[[{"prefixes": ["media.example.com/hls/movies/123/master.m3u8"]}]]
    )
    """The bodies of the calls of Cloudflare's API that purge all that was ever published of it."""
    urls: tuple[str, ...] = Field(examples=[["https://media.example.com/hls/movies/123/master.m3u8"]])
    """Of each file that lies in the bucket, for other caches: to be asked for before they are deleted."""


class Withdrawn(BaseModel):
    """A title whose releases are gone."""

    model_config = ConfigDict(frozen=True)

    message: str = Field(examples=["The releases of movie 123 are deleted; requeue it to bring it back."])
    files_deleted: int = Field(examples=[1480])
    caches: Caches
