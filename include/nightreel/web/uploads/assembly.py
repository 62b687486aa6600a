"""Chunked uploads: each chunk is a part of a multipart upload in the bucket.

What has arrived is recorded in the catalog and kept in the bucket, so that an upload can continue after
any restart, on any machine.
"""

import hashlib
from collections.abc import Mapping, Sequence

from nightreel.catalog.uploads import Announcement, Chunk, Cut, Upload
from nightreel.sources.intake import begin_upload
from nightreel.storage.multipart import LEAST_PART_BYTES, Part, UploadGone, part_bytes_for
from nightreel.web.problems import Problem
from nightreel.web.services import Services
from nightreel.web.title_lookup import require_mapped, title_from
from nightreel.web.uploads.forms import too_large
from nightreel.web.uploads.incoming import require_video
from nightreel.web.uploads.models import UploadRequest

_MOST_CHUNK_BYTES = 64 << 20
"""The limit of a chunk whose size the client chose: each is held in memory while it arrives."""
_NAMED_CHUNKS = 20


def announce(services: Services, owner: str, asked: UploadRequest) -> Upload:
    """The owner's upload of this file for this title: an earlier one, or a new one.

    Raises Problem 422 for an impossible title, 413 for a file that is too large.
    """
    said = _announcement(services, owner, asked)
    cut = _cut(asked, services.settings.max_source_bytes)
    known = services.catalog.uploads.announce_again(said)
    if known is not None:
        if _goes_on(services, known, cut):
            return known
        give_up(services, known)
    # The first chunk, which shows the file's format, may come last.
    began = begin_upload(services.bucket)
    upload = services.catalog.uploads.begin(said, cut, began.key, began.upload_id)
    if upload.multipart_id != began.upload_id:
        began.abort()
    return upload


def find(services: Services, owner: str, video_hash: str) -> Upload:
    """The owner's upload. Raises Problem 404, also for somebody else's upload."""
    # Case does not matter in a hash. PostgreSQL does not accept NUL.
    wanted = video_hash.lower()
    found = services.catalog.uploads.find(owner, wanted) if wanted.isalnum() else None
    if found is None:
        raise no_such_upload()
    return found


def no_such_upload() -> Problem:
    """The response for a hash that none of the caller's uploads has."""
    return Problem(
        404,
        "No such upload",
        "There is no upload with this hash, or no longer: begin with POST /videos/init.",
    )


def most_chunk_bytes(upload: Upload, index: int) -> int:
    """The largest size of a chunk, in bytes. Raises Problem 400 for an impossible chunk."""
    if upload.state == "finished":
        raise Problem(400, "Already finalized", "This upload is complete and was finalized.")
    if not 0 <= index < upload.total_chunks:
        raise Problem(
            400,
            "No such chunk",
            f"The chunks of this upload are 0 to {upload.total_chunks - 1}, not {index}.",
        )
    return _due_bytes(upload, index) or _MOST_CHUNK_BYTES


def accept_chunk(services: Services, upload: Upload, index: int, data: bytes) -> int:
    """Sends a chunk to the bucket, replacing an earlier one; returns how many have arrived.

    Raises Problem 400 for an empty one, 413, 415 and 422 for one that cannot belong to a
    video that is cut like this, 404 when the upload ended meanwhile.
    """
    _require_fit(upload, index, data)
    others = sum(chunk.size for number, chunk in upload.chunks.items() if number != index)
    if others + len(data) > services.settings.max_source_bytes:
        raise too_large(services.settings.max_source_bytes, "A source")
    if index == 0:
        require_video(data)
    try:
        part = services.bucket.upload(upload.object_key, upload.multipart_id).put(index + 1, data)
    except UploadGone:
        services.catalog.uploads.forget(upload)
        raise no_such_upload() from None
    came = services.catalog.uploads.record_chunk(upload, index, Chunk(part.etag, part.size))
    if came is None:
        raise no_such_upload()
    return came


def assemble(services: Services, upload: Upload) -> None:
    """Joins the chunks to one object, and finishes the upload. Safe to repeat, and to do twice at once.

    Raises Problem 400 while chunks are missing, and 422 for a file that does not match its hash, which is
    deleted.
    """
    if upload.state == "finished":
        return
    if missing := upload.missing:
        raise _missing(missing)
    _require_one_size({index: chunk.size for index, chunk in upload.chunks.items()}, upload.total_chunks - 1)
    parts = [Part(index + 1, chunk.etag, chunk.size) for index, chunk in upload.chunks.items()]
    ongoing = services.bucket.upload(upload.object_key, upload.multipart_id)
    try:
        _require_all(services, upload, parts, ongoing.parts())
        ongoing.complete(parts)
    except UploadGone:
        # It may also have been completed by a request that broke off, or by one that is not done yet.
        if services.bucket.head(upload.object_key) is None:
            services.catalog.uploads.forget(upload)
            raise no_such_upload() from None
    if upload.digest is not None and digest_of(services, upload.object_key) != upload.digest:
        give_up(services, upload)
        raise Problem(
            422,
            "Another file",
            "This is not the file whose hash was given: upload it again from the start.",
        )
    services.catalog.uploads.finish(upload, sum(part.size for part in parts))


def digest_of(services: Services, key: str) -> str:
    """The SHA-256 of an object, read as a stream; of nothing if there is no object."""
    digest = hashlib.sha256()
    with services.bucket.open(key) as found:
        for piece in found.pieces if found is not None else ():
            digest.update(piece)
    return digest.hexdigest()


def give_up(services: Services, upload: Upload) -> None:
    """Removes an upload from the bucket and the catalog."""
    services.catalog.uploads.forget(upload)
    services.bucket.upload(upload.object_key, upload.multipart_id).abort()
    services.bucket.delete([upload.object_key])


def _announcement(services: Services, owner: str, asked: UploadRequest) -> Announcement:
    content_type = asked.content_type or services.default_content_type
    require_mapped(services, content_type)
    content_id = asked.content_id
    if content_id is not None:
        content_id = services.catalog.titles.as_stored(title_from(content_type, content_id)).content_id
    return Announcement(
        owner=owner,
        digest=asked.video_hash,
        name=asked.title,
        content_type=content_type,
        content_id=content_id,
    )


def _cut(asked: UploadRequest, most_bytes: int) -> Cut:
    if asked.size is None:
        # The request was validated, so one of the two is given.
        return Cut(asked.total_chunks or 1)
    if asked.size > most_bytes:
        raise too_large(most_bytes, "A source")
    chunk_bytes = part_bytes_for(asked.size)
    return Cut(-(-asked.size // chunk_bytes), chunk_bytes, asked.size)


def _goes_on(services: Services, upload: Upload, cut: Cut) -> bool:
    """Whether the known upload still exists, and is cut as the client will cut."""
    if upload.state == "finished":
        return services.bucket.head(upload.object_key) is not None
    if (upload.total_chunks, upload.chunk_bytes) != (cut.total_chunks, cut.chunk_bytes):
        return False
    try:
        services.bucket.upload(upload.object_key, upload.multipart_id).parts()
    except UploadGone:
        return services.bucket.head(upload.object_key) is not None
    return True


def _due_bytes(upload: Upload, index: int) -> int | None:
    """The chunk's size in bytes; None if the client cuts as it likes."""
    if upload.chunk_bytes is None or upload.bytes is None:
        return None
    return min(upload.chunk_bytes, upload.bytes - index * upload.chunk_bytes)


def _require_fit(upload: Upload, index: int, data: bytes) -> None:
    if not data:
        raise Problem(400, "Empty chunk", "The chunk is empty: send it again.")
    due = _due_bytes(upload, index)
    if due is not None:
        if len(data) != due:
            raise _unfit(f"Chunk {index} of this file has {due} bytes, not {len(data)}")
        return
    last = upload.total_chunks - 1
    if index < last and len(data) < LEAST_PART_BYTES:
        raise _unfit(
            f"A chunk that is not the last has at least {LEAST_PART_BYTES} bytes, not {len(data)}: cut the "
            "file into fewer chunks, or give its size to POST /videos/init, which then says how to cut it"
        )
    sizes = {number: chunk.size for number, chunk in upload.chunks.items()} | {index: len(data)}
    _require_one_size(sizes, last)


def _require_one_size(sizes: Mapping[int, int], last: int) -> None:
    """Raises Problem 422 unless all chunks except a shorter last one have one size (R2's rule)."""
    others = {size for index, size in sizes.items() if index != last}
    if len(others) > 1:
        raise _unfit(
            f"All chunks but the last have one size, but here are {', '.join(map(str, sorted(others)))}"
        )
    if others and sizes.get(last, 0) > min(others):
        raise _unfit(f"The last chunk is no longer than the others, but has {sizes[last]} bytes")


def _require_all(services: Services, upload: Upload, parts: Sequence[Part], listed: Sequence[Part]) -> None:
    """Raises Problem 400 for chunks that were sent twice at once, if the bucket has the other copy."""
    there = {(part.number, part.etag) for part in listed}
    gone = [part.number - 1 for part in parts if (part.number, part.etag) not in there]
    if gone:
        services.catalog.uploads.forget_chunks(upload, gone)
        raise _missing(gone)


def _missing(indices: Sequence[int]) -> Problem:
    named = ", ".join(map(str, indices[:_NAMED_CHUNKS])) + (", …" if len(indices) > _NAMED_CHUNKS else "")
    return Problem(
        400, "Chunks are missing", f"Send these chunks, then finalize: {named}.", missing_chunks=list(indices)
    )


def _unfit(detail: str) -> Problem:
    return Problem(422, "Wrong chunk", f"{detail}.")
