"""What the API says about the coming night."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from nightreel.night.rows import LengthFrom
from nightreel.vocabulary.states import Part


class Night(BaseModel):
    """When the next night begins. `schedule` is a cron expression, read in `time_zone`."""

    model_config = ConfigDict(frozen=True)

    paused: bool | None
    """Null when Airflow does not say."""
    paused_dags: tuple[str, ...] | None = Field(examples=[["nightly_backlog"]])
    """Of all that Nightreel needs to run; null when Airflow does not say."""
    next_run_at: datetime | None
    """Null where the schedule is not by the clock."""
    schedule: str = Field(examples=["0 1 * * *"])
    time_zone: str = Field("UTC", examples=["Europe/Berlin"])


class WaitingTitle(BaseModel):
    """A title that waits, and how long its video is.

    `part`: for what it waits. `first`: what plays soonest; `rest`: the other renditions, after that;
    `whole`: all of it at once.
    """

    model_config = ConfigDict(frozen=True)

    content_type: str = Field(examples=["movie"])
    content_id: str = Field(examples=["123"])
    title: str = Field(examples=["A film"])
    part: Part = Field(examples=["first"])
    source_hours: float = Field(examples=[1.5])
    length_from: LengthFrom


class PlannedTitle(WaitingTitle):
    """A title that the night takes. `lane`: in which of those that are converted at once."""

    expected_seconds: float = Field(examples=[2711.4])
    lane: int = Field(examples=[0])
    begins_at: datetime
    ends_at: datetime
    fits: bool
    """Whether it should be done by the deadline."""


class RefusedTitle(BaseModel):
    """A row that no night can convert, and why."""

    model_config = ConfigDict(frozen=True)

    content_type: str = Field(examples=["movie"])
    content_id: str = Field(examples=["124"])
    title: str = Field(examples=["Another film"])
    reason: str = Field(examples=["the row has no video URL"])


class UnusableIds(BaseModel):
    """Rows whose id no title can have: how many, and a few of them."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(examples=[1])
    examples: tuple[str, ...] = Field(examples=[["movie 'a/b'"]])


class Pass(BaseModel):
    """One pass of the night: what it makes of its titles (`part`), and what that takes and costs.

    The second pass begins when the first one is done.
    """

    model_config = ConfigDict(frozen=True)

    part: Part = Field(examples=["first"])
    title_count: int = Field(examples=[1])
    late_count: int = Field(examples=[0])
    """How many of them should not be done by the deadline."""
    max_titles: int = Field(examples=[1000])
    max_source_hours: float = Field(examples=[48.0])
    source_hours: float = Field(examples=[1.5])
    work_seconds: float = Field(examples=[2711.4])
    begins_at: datetime
    done_at: datetime
    storage_bytes: int = Field(examples=[3_200_000_000])
    storage_price: float = Field(examples=[0.048])
    writes: int = Field(examples=[1480])
    writes_price: float = Field(examples=[0.00666])
    measured: int = Field(examples=[40])
    """How many past conversions of this kind the figures rest on."""


class Tonight(BaseModel):
    """The forecast of the next night. Times in seconds unless they say hours, prices in US dollars.

    A title may be in both passes: then it is twice in `titles`, and counts once in `title_count`,
    `late_count` and `source_hours`. The other figures are the sums of the `passes`.
    """

    model_config = ConfigDict(frozen=True)

    night: Night
    begins_at: datetime
    """That of the next run; now, where nobody knows it."""
    deadline: datetime
    concurrency: int = Field(examples=[2])
    passes: tuple[Pass, ...]
    """First what has no release of its present source, then what has only a first release."""
    titles: tuple[PlannedTitle, ...]
    """Those of the first pass, then those of the second one; a thousand each, at most."""
    title_count: int = Field(examples=[1])
    late_count: int = Field(examples=[0])
    """How many of them should not be done by the deadline."""
    waiting: tuple[WaitingTitle, ...]
    """Those left for another night."""
    more_waiting: bool
    """Whether there are more than were looked at."""
    refused: tuple[RefusedTitle, ...]
    """Those that earlier nights refused included, until they change."""
    malformed_ids: UnusableIds
    source_hours: float = Field(examples=[1.5])
    work_seconds: float = Field(examples=[2711.4])
    done_at: datetime
    storage_bytes: int = Field(examples=[3_200_000_000])
    storage_price: float = Field(examples=[0.048])
    """A month, for what the night adds."""
    writes: int = Field(examples=[1480])
    writes_price: float = Field(examples=[0.00666])
    measured: int = Field(examples=[40])
    """How many past conversions the figures rest on."""
    assumption: str | None = Field(examples=[None])
    """What is assumed where there is none."""
    note: str = Field(examples=["2 titles at once share 2 encode slots."])
