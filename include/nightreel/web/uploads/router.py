"""Uploads of sources: whole in one form, or in chunks that can be resumed.

Both make the file the source of its title, and start the title's run, for a first release where the
settings want that. If the run cannot be started, the response is 202 without a job id: the
upload is kept, and the next night takes it.
"""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from nightreel.catalog.refusals import RowRefused
from nightreel.catalog.uploads import Upload
from nightreel.errors import ConfigurationError, NightreelError
from nightreel.vocabulary.title import Title
from nightreel.web.access import Uploader
from nightreel.web.jobs.status_routes import status_endpoint
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.title_lookup import require_mapped, title_from
from nightreel.web.uploads import assembly
from nightreel.web.uploads.forms import BytesField, TextField, content_length, read_form
from nightreel.web.uploads.incoming import VideoField
from nightreel.web.uploads.models import (
    CHUNK_FORM,
    EXAMPLE_HASH,
    VIDEO_FORM,
    ChunkAnswer,
    FinalizeAnswer,
    UploadAnswer,
    UploadRequest,
    UploadState,
)
from nightreel.web.uploads.starting import start_or_leave_to_the_night

Hash = Annotated[
    str,
    Path(
        examples=[EXAMPLE_HASH],
        description="SHA-256 of the file, or the one that POST /videos/init generated.",
    ),
]
ChunkIndex = Annotated[int, Path(examples=[0])]
_LEFT_TO_THE_NIGHT = "The upload is kept, but its run could not be started: the next night takes it"


def _or_left(answer: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {202: {"description": _LEFT_TO_THE_NIGHT, "model": answer}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The route's problems, and those of every route here: no key, too few rights, a service that is away."""
    return documented(*statuses, 401, 403, 503)


def uploads_router() -> APIRouter:
    """Files that people send: whole, or in chunks."""
    router = APIRouter(tags=["uploads"])
    _add_whole(router)
    _add_chunks(router)
    return router


def _add_whole(router: APIRouter) -> None:
    @router.post(
        "/api/v1/video/upload-hls-video",
        summary="Upload a source in one request",
        responses={**_or_left(UploadAnswer), **_problems(400, 413, 415, 422)},
        openapi_extra=VIDEO_FORM,
    )
    async def upload_video(
        request: Request, response: Response, services: GivenServices, caller: Uploader
    ) -> UploadAnswer:
        """Streams the file to the bucket as it arrives. The fields may be in any order.

        The row of the title gets the new source; where there is none, it is inserted. The job
        publishes what plays soonest, and the next night adds the other renditions.
        """
        title = await _take_in(request, services)
        start = await run_in_threadpool(start_or_leave_to_the_night, services, caller, title)
        response.status_code = start.status_code
        return UploadAnswer(
            job_id=start.run_id,
            message=start.message("Video upload successful."),
            status_endpoint=status_endpoint(request, start.run_id) if start.run_id else None,
        )


async def _take_in(request: Request, services: Services) -> Title:
    """The title whose source is now the form's file; after any error, nothing is left of it."""
    most = services.settings.max_source_bytes
    content_type = TextField("content_type", lambda text: require_mapped(services, text))
    content_id = TextField("content_id", lambda text: title_from("any", text))
    video = VideoField("video", services.bucket, most, min(content_length(request) or most, most))
    fields = {each.name: each for each in (video, content_type, content_id)}
    try:
        await read_form(request, fields, most, "A source")
        given = title_from(content_type.text, content_id.text)
        title = await run_in_threadpool(services.catalog.titles.as_stored, given)
        url = services.bucket.public_url_of(await video.store())
    except BaseException:
        # Housekeeping removes what cannot be removed now.
        with contextlib.suppress(NightreelError):
            await video.discard()
        raise
    try:
        await run_in_threadpool(services.catalog.titles.set_source, title, url, video.title or str(title))
    except NightreelError as error:
        await video.discard()
        if isinstance(error, RowRefused):
            raise _refused(error) from error
        raise
    return title


def _add_chunks(router: APIRouter) -> None:
    @router.post(
        "/videos/init", summary="Announce a file to be uploaded in chunks", responses=_problems(413, 422)
    )
    def begin_upload(services: GivenServices, caller: Uploader, asked: UploadRequest) -> UploadState:
        """Begins an upload, or continues the caller's own of the same file for the same title.

        A file that is there already has nothing missing: finalizing makes it the source of the
        title that was named now. The further calls name the `video_hash` of the answer: a file
        that is still uploading for another title is another upload, under a generated name.
        """
        return UploadState.of(assembly.announce(services, caller.owner, asked))

    @router.get(
        "/videos/upload/{video_hash}",
        summary="Get the missing chunks of an upload",
        responses=_problems(404, 422),
    )
    def read_upload(services: GivenServices, caller: Uploader, video_hash: Hash) -> UploadState:
        return UploadState.of(assembly.find(services, caller.owner, video_hash))

    @router.post(
        "/videos/upload_chunk/{video_hash}/{chunk_index}",
        summary="Send a chunk",
        responses=_problems(400, 404, 413, 415, 422),
        openapi_extra=CHUNK_FORM,
    )
    async def upload_chunk(
        request: Request, services: GivenServices, caller: Uploader, video_hash: Hash, chunk_index: ChunkIndex
    ) -> ChunkAnswer:
        """Chunks count from 0, and arrive in any order, in parallel or twice; the later one counts."""
        upload = await run_in_threadpool(assembly.find, services, caller.owner, video_hash)
        chunk = BytesField("chunk_data", assembly.most_chunk_bytes(upload, chunk_index))
        await read_form(request, {chunk.name: chunk}, chunk.most_bytes, "A chunk")
        came = await run_in_threadpool(assembly.accept_chunk, services, upload, chunk_index, chunk.data)
        return ChunkAnswer(
            message=f"Chunk {chunk_index} uploaded.", video_hash=upload.video_hash, received_chunks=came
        )

    @router.post(
        "/videos/finalize/{video_hash}",
        summary="Put the chunks together",
        responses={**_or_left(FinalizeAnswer), **_problems(400, 404, 422)},
    )
    def finalize_upload(
        request: Request, response: Response, services: GivenServices, caller: Uploader, video_hash: Hash
    ) -> FinalizeAnswer:
        """Makes the file the source of its title. Repeating it gives the same answer.

        A file whose hash was given is read once more and verified. The job publishes what plays
        soonest, and the next night adds the other renditions.
        """
        upload = assembly.find(services, caller.owner, video_hash)
        assembly.assemble(services, upload)
        url = services.bucket.public_url_of(upload.object_key)
        title = _registered(services, upload, url)
        run_id, message = upload.run_id, "Upload finalized."
        if run_id is None:
            start = start_or_leave_to_the_night(services, caller, title)
            run_id, message = start.run_id, start.message(message)
            response.status_code = start.status_code
        if run_id is not None:
            services.catalog.uploads.record_run(upload, title, run_id)
        return FinalizeAnswer(
            message=message,
            video_hash=upload.video_hash,
            video_url=url,
            content_type=title.content_type,
            content_id=title.content_id,
            job_id=run_id,
            status_endpoint=status_endpoint(request, run_id) if run_id else None,
        )


def _registered(services: Services, upload: Upload, url: str) -> Title:
    if upload.run_id is not None and upload.content_id is not None:
        return Title(upload.content_type, upload.content_id)
    try:
        title = services.catalog.uploads.register(upload, url)
    except ConfigurationError as error:
        raise _refused(
            error, " Announce the file again with another content_id, and this video_hash."
        ) from error
    if title is None:
        raise assembly.no_such_upload()
    return title


def _refused(error: ConfigurationError, cure: str = "") -> Problem:
    return Problem(422, "The catalog refused it", f"{error}.{cure}")
