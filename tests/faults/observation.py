"""What was seen of a seed's night from outside, as the invariants judge it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Stream = Literal["hls", "dash"]


@dataclass(frozen=True)
class Sighting:
    """The stable manifest of a title at one moment; `digest` is None where there was none."""

    title: int
    stream: Stream
    at: float
    digest: str | None


@dataclass(frozen=True)
class FileSeen:
    """A file that a manifest names, as it came over HTTP."""

    status: int
    md5: str
    size: int


@dataclass(frozen=True)
class StreamSeen:
    """A stable manifest in the end, and all that it leads to. Lengths in seconds."""

    key: str
    """Of the manifest itself, which is among the files."""
    seconds: float
    decoded_seconds: float
    """What FFmpeg could play of it."""
    files: Mapping[str, FileSeen]
    """By key in the bucket."""
    segments: frozenset[str]


@dataclass(frozen=True)
class RowSeen:
    """The user's row in the end."""

    hls_url: str | None
    dash_url: str | None
    duration_seconds: float | None


@dataclass(frozen=True)
class TitleSeen:
    """One title in the end. `wanted` is the length of its film; None where none can be made of it."""

    title: int
    wanted: int | None
    row: RowSeen | None
    streams: Mapping[Stream, StreamSeen]
    listed: frozenset[str] = frozenset()
    """The keys of all that the release in it is made of, by its own `release.json`."""


@dataclass(frozen=True)
class ObjectSeen:
    """An object of the bucket's listing."""

    etag: str
    size: int


@dataclass(frozen=True)
class ClaimSeen:
    """A claim that is held in the end; `run_state` is that of its run, None where there is none."""

    title: str
    run_id: str
    run_state: str | None


@dataclass(frozen=True)
class RunSeen:
    """A run of Airflow."""

    run_id: str
    state: str
    began: datetime | None = None
    marked: bool = False
    """Whether the harness said how it ended."""


@dataclass(frozen=True)
class AttemptSeen:
    """An attempt at a title and how it ended."""

    title: str
    run_id: str
    night: str | None
    outcome: str | None
    began: datetime


@dataclass(frozen=True)
class ReportSeen:
    """What a night's latest report said: how many titles had which outcome."""

    night: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Observation:
    """Everything, after the last night and two housekeepings."""

    titles: tuple[TitleSeen, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    broken: tuple[str, ...] = ()
    """Sentences on streams that were published and did not play at some moment."""
    not_healed: tuple[str, ...] = ()
    """What was still to come when the patience was over."""
    claims: tuple[ClaimSeen, ...] = ()
    nights: tuple[RunSeen, ...] = ()
    title_runs: tuple[RunSeen, ...] = ()
    attempts: tuple[AttemptSeen, ...] = ()
    claims_kept: bool = False
    """Whether nothing was broken by which a run may lose its claim."""
    reports: tuple[ReportSeen, ...] = ()
    objects: Mapping[str, ObjectSeen] = field(default_factory=dict)
    later_objects: Mapping[str, ObjectSeen] = field(default_factory=dict)
    """The listing again, some seconds after."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """What belongs to others or to the user: the ETag that each key had when it was written."""
    foreign_uploads: frozenset[str] = frozenset()
    """The keys of other applications' multipart uploads that are still there."""
    foreign_uploads_wanted: frozenset[str] = frozenset()
    own_prefix: str = ""
    """Below it everything is Nightreel's."""
    work_files: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    """Media programs that run although nothing is converted."""
    leaks: tuple[str, ...] = ()
    """Where which secret was found."""
