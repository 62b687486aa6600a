"""The requests and answers of the upload routes."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nightreel.catalog.uploads import Upload
from nightreel.storage.multipart import LEAST_PART_BYTES, MOST_PARTS
from nightreel.vocabulary import states

_JOB_ID = "api__movie_7__5f2d0c9a1b3e"
_STATUS_ENDPOINT = f"/api/v1/video/processing-status/{_JOB_ID}"
EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]


def example(**values: Any) -> ConfigDict:
    """The configuration of a model that shows these values in the API's description."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class UploadAnswer(BaseModel):
    """The source is in the bucket. Without a job, the next night converts it."""

    model_config = example(
        success=True,
        job_id=_JOB_ID,
        message="Video upload successful. Processing started.",
        status_endpoint=_STATUS_ENDPOINT,
    )

    success: bool = True
    job_id: str | None
    message: str
    status_endpoint: str | None


class UploadRequest(BaseModel):
    """A file that will be uploaded in chunks.

    With its `size`, the answer says how it is to be cut, whatever `total_chunks` is here.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "The Film", "size": 73_400_320, "video_hash": EXAMPLE_HASH, "content_type": "movie"}
            ]
        },
    )

    title: str = Field(min_length=1, max_length=500)
    description: str = Field("", max_length=10_000)
    """Taken, as other pipelines do, but not kept."""
    total_chunks: int | None = Field(None, ge=1, le=MOST_PARTS)
    size: int | None = Field(None, ge=1, le=2**63 - 1)
    """Of the file, in bytes."""
    video_hash: Sha256 | None = None
    """SHA-256 of the file; verified at the end, and by it an upload is resumed."""
    content_type: str | None = Field(None, max_length=200)
    content_id: str | None = Field(
        None,
        max_length=200,
        coerce_numbers_to_str=True,
        json_schema_extra={"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    )
    """Of the title whose source the file is; without it, the title is a new one."""

    @model_validator(mode="after")
    def _cut_somehow(self) -> Self:
        if self.total_chunks is None and self.size is None:
            raise ValueError(
                "give the size of the file in bytes, or total_chunks: how many chunks of one size, "
                f"at least {LEAST_PART_BYTES} bytes each but for the last, the file is cut into"
            )
        return self


class UploadState(BaseModel):
    """The progress of a chunked upload. Chunks count from 0; sizes in bytes."""

    model_config = example(
        video_hash=EXAMPLE_HASH,
        title="The Film",
        content_type="movie",
        content_id="7",
        status="uploading",
        total_chunks=9,
        chunk_bytes=8_388_608,
        uploaded_chunks=[0, 1, 2, 4],
        missing_chunks=[3, 5, 6, 7, 8],
        resumable=True,
    )

    video_hash: str
    title: str
    content_type: str
    content_id: str | None
    status: states.UploadState
    total_chunks: int
    chunk_bytes: int | None
    """Of every chunk but the last; null where the size of the file was not said."""
    uploaded_chunks: list[int]
    missing_chunks: list[int]
    resumable: bool
    """Whether the same file, announced again, goes on here: it does where its hash was said."""

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """As the catalog knows the upload."""
        missing = upload.missing
        absent = set(missing)
        return cls(
            video_hash=upload.video_hash,
            title=upload.name,
            content_type=upload.content_type,
            content_id=upload.content_id,
            status=upload.state,
            total_chunks=upload.total_chunks,
            chunk_bytes=upload.chunk_bytes,
            uploaded_chunks=[index for index in range(upload.total_chunks) if index not in absent],
            missing_chunks=missing,
            resumable=upload.digest is not None,
        )


class ChunkAnswer(BaseModel):
    """A chunk is in the bucket. `received_chunks` is how many are."""

    model_config = example(message="Chunk 3 uploaded.", video_hash=EXAMPLE_HASH, received_chunks=5)

    message: str
    video_hash: str
    received_chunks: int


class FinalizeAnswer(BaseModel):
    """The file is complete, and the source of its title. Without a job, the next night converts it."""

    model_config = example(
        message="Upload finalized. Processing started.",
        video_hash=EXAMPLE_HASH,
        video_url="https://media.example/sources/uploads/0f343b0931126a20f133d67c2b018a3b",
        content_type="movie",
        content_id="7",
        job_id=_JOB_ID,
        status_endpoint=_STATUS_ENDPOINT,
    )

    message: str
    video_hash: str
    video_url: str
    content_type: str
    content_id: str
    job_id: str | None
    status_endpoint: str | None


_FILE = {"type": "string", "format": "binary"}
_TEXT = {"type": "string", "minLength": 1}


def _form(**fields: dict[str, Any]) -> dict[str, Any]:
    """A form in OpenAPI, for a route that reads the request's body itself."""
    schema = {"type": "object", "properties": fields, "required": [*fields]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


VIDEO_FORM = _form(
    video={**_FILE, "description": "A video: MP4, MOV, MKV, AVI, MPEG-TS and others; its bytes decide"},
    content_type={**_TEXT, "examples": ["movie"]},
    content_id={**_TEXT, "examples": ["7"]},
)
CHUNK_FORM = _form(chunk_data=_FILE)
