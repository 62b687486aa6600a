"""What the API says about jobs, and the requests that it takes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from nightreel.runs.states import StepState
from nightreel.web.title_lookup import CONTENT_ID_PATTERN, CONTENT_TYPE_PATTERN

JobState = Literal["queued", "processing", "completed", "failed"]
TaskStatus = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE"]
"""In Celery's words, which the API keeps."""

_MOST_KEY_BYTES = 1024
_EXACT_DIGITS = 15
"""JavaScript reads numbers of up to this many digits exactly."""


def public_id(content_id: str) -> int | str:
    """A content id as clients know it: a number if it is the plain text of one."""
    is_plain = content_id.isdecimal() and content_id.isascii() and len(content_id) <= _EXACT_DIGITS
    return int(content_id) if is_plain and str(int(content_id)) == content_id else content_id


class JobStep(BaseModel):
    """A task of the run; of encoding, one per job, whose label says what it makes."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str | None = None
    state: StepState
    percent: int | None = Field(None, ge=0, le=100)
    """Of a step that says how far it is."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


class ResultVariant(BaseModel):
    """A quality that a player may choose. `bandwidth` in bits per second, at its highest."""

    model_config = ConfigDict(frozen=True)

    quality: str
    bandwidth: int
    resolution: str
    codecs: str


class JobResult(BaseModel):
    """The stream that plays. `duration` and `processing_time_seconds` in seconds, `bytes` of all files.

    `complete` is false for a first release: it plays, and the other renditions follow.
    """

    model_config = ConfigDict(frozen=True)

    hls_url: str
    dash_url: str | None = None
    thumbnail_url: str | None = None
    duration: float
    variants: tuple[ResultVariant, ...]
    files_uploaded: int
    bytes: int
    processing_time_seconds: float
    release: str
    complete: bool


_PROCESSING: JsonDict = {
    "job_id": "api__movie_123__6f2c1a9b04de",
    "status": "processing",
    "progress": 45,
    "message": "Transcoding... 45%",
    "content_type": "movie",
    "content_id": 123,
    "eta_seconds": 131,
    "steps": [
        {"name": "claim", "state": "done"},
        {"name": "transcode", "label": "720p", "state": "running", "percent": 52},
    ],
    "run_page": "/dags/convert_title/runs/api__movie_123__6f2c1a9b04de",
}
_COMPLETED: JsonDict = {
    "job_id": "api__movie_123__6f2c1a9b04de",
    "status": "completed",
    "progress": 100,
    "message": "Processing complete!",
    "content_type": "movie",
    "content_id": 123,
    "result": {
        "hls_url": "https://media.example.com/hls/movies/123/master.m3u8",
        "dash_url": "https://media.example.com/hls/movies/123/manifest.mpd",
        "duration": 7200.5,
        "variants": [
            {
                "quality": "360p",
                "bandwidth": 928000,
                "resolution": "640x360",
                "codecs": "avc1.4D401E,mp4a.40.2",
            }
        ],
        "files_uploaded": 150,
        "bytes": 4831838208,
        "processing_time_seconds": 245.3,
        "release": "20261121T010000-0a1b2c3d",
        "complete": True,
    },
    "steps": [],
    "run_page": "/dags/convert_title/runs/api__movie_123__6f2c1a9b04de",
}
_FAILED: JsonDict = {
    "job_id": "api__movie_124__0c77e1d2a3b4",
    "status": "failed",
    "progress": 12,
    "message": "Processing failed.",
    "content_type": "movie",
    "content_id": 124,
    "error": "the source has no picture",
    "reason_code": "no_video",
    "steps": [{"name": "plan", "state": "failed"}],
    "run_page": "/dags/convert_title/runs/api__movie_124__0c77e1d2a3b4",
}


class JobStatus(BaseModel):
    """A job's progress. Members that do not apply are left out.

    `progress` is in percent: it never falls, and is 100 only once the job is completed.
    `eta_seconds`: the time left, at the pace so far. A completed job has a `result`
    unless its stream has since been withdrawn; a failed one has an `error`, which is a sentence,
    and mostly a `reason_code`, which is one of a fixed set.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_PROCESSING, _COMPLETED, _FAILED]})

    job_id: str
    status: JobState
    progress: int = Field(ge=0, le=100)
    message: str
    content_type: str
    content_id: int | str
    result: JobResult | None = None
    error: str | None = None
    reason_code: str | None = None
    eta_seconds: int | None = None
    steps: tuple[JobStep, ...] = ()
    run_page: str

    @property
    def is_over(self) -> bool:
        """Whether the job has completed or failed."""
        return self.status in ("completed", "failed")


class JobSummary(BaseModel):
    """A job in a list of running jobs."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    content_type: str
    content_id: int | str
    progress: int
    message: str


class JobStarted(BaseModel):
    """A job was queued. `status_endpoint` is a path on this server."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "success": True,
                    "job_id": "api__movie_123__6f2c1a9b04de",
                    "message": "Conversion queued.",
                    "status_endpoint": "/api/v1/video/processing-status/api__movie_123__6f2c1a9b04de",
                }
            ]
        }
    )

    success: Literal[True] = True
    job_id: str
    message: str
    status_endpoint: str


def _is_key(text: str) -> str:
    """A key that means the same object as a title's `video_url`."""
    if not text.isprintable() or text.strip() != text:
        raise ValueError("must not begin or end with a space, nor contain control characters")
    if any(part in ("", ".", "..") for part in text.split("/")) or "://" in text:
        raise ValueError("must be the key of an object: not a URL, and without a superfluous /, . or ..")
    if len(text.encode()) > _MOST_KEY_BYTES:
        raise ValueError(f"may have {_MOST_KEY_BYTES} bytes at most")
    return text


class EncodingRequest(BaseModel):
    """A source in the bucket, to be made into a stream.

    `object_key`: its key. `video_id`: the title's content id; a title that is not in the catalog
    yet is added. `base_url`: where players will read; the manifests name nothing but relative
    paths, so it may be any address that leads to the bucket. `has_audio: false` leaves the
    source's sounds out. `content_type`: of the title, where the catalog has several.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object_key": "uploads/film.mp4",
                    "base_url": "https://media.example.com/",
                    "video_id": "123",
                    "has_audio": True,
                }
            ]
        }
    )

    object_key: Annotated[str, Field(min_length=1, max_length=_MOST_KEY_BYTES), AfterValidator(_is_key)]
    base_url: Annotated[str, Field(max_length=2048, pattern=r"^https?://")]
    video_id: Annotated[str, Field(pattern=CONTENT_ID_PATTERN)]
    has_audio: bool = True
    content_type: Annotated[str | None, Field(pattern=CONTENT_TYPE_PATTERN)] = None


class EncodingTask(BaseModel):
    """An encoding's progress. `task_result`: the video's id once it succeeded, the reason if it failed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task_id": "api__movie_123__6f2c1a9b04de",
                    "task_status": "SUCCESS",
                    "task_result": "123",
                }
            ]
        }
    )

    task_id: str
    task_status: TaskStatus
    task_result: str | None = None
