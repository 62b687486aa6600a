"""Uploads in chunks: what was announced, and what came so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Literal, cast

from nightreel.catalog import additions
from nightreel.catalog.connection import Connect, Cursor, Row, storable, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.title import Title


@dataclass(frozen=True)
class Announcement:
    """What a client says of a file before it sends it. Without an id the title is a new one."""

    video_hash: str
    has_digest: bool
    """Whether `video_hash` is the SHA-256 of the file, and no made-up name."""
    name: str
    content_type: str
    content_id: str | None


@dataclass(frozen=True)
class Cut:
    """How a file is cut. Sizes in bytes, None where the client did not say how long the file is."""

    total_chunks: int
    chunk_bytes: int | None = None
    file_bytes: int | None = None


@dataclass(frozen=True)
class Chunk:
    """A chunk that is in the bucket. Size in bytes."""

    etag: str
    size: int


@dataclass(frozen=True)
class Upload:
    """An upload that was announced; `chunks` by index, from 0. Sizes in bytes."""

    video_hash: str
    has_digest: bool
    name: str
    content_type: str
    content_id: str | None
    object_key: str
    multipart_id: str
    total_chunks: int
    chunk_bytes: int | None
    bytes: int | None
    state: Literal["uploading", "finished"]
    job_id: str | None
    chunks: Mapping[int, Chunk] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The chunks that did not come yet."""
        if self.state == "finished":
            return []
        return [index for index in range(self.total_chunks) if index not in self.chunks]


_COLUMNS = tuple(each.name for each in fields(Upload) if each.name != "chunks")

_BEGIN = """
    INSERT INTO nightreel.uploads (video_hash, has_digest, name, content_type, content_id,
        object_key, multipart_id, total_chunks, chunk_bytes, bytes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (video_hash) DO NOTHING
"""
# Who says the same again means the same title, also where its id was made up meanwhile.
_ANNOUNCE_AGAIN = """
    UPDATE nightreel.uploads SET name = %(name)s, content_type = %(content_type)s,
        content_id = coalesce(%(content_id)s,
            CASE WHEN name = %(name)s AND content_type = %(content_type)s THEN content_id END),
        job_id = NULL, updated_at = now()
    WHERE video_hash = %(video_hash)s
"""
_TOUCH = "UPDATE nightreel.uploads SET updated_at = now() WHERE video_hash = %s AND state = 'uploading'"
_RECORD_CHUNK = """
    INSERT INTO nightreel.upload_chunks (video_hash, chunk_index, etag, bytes) VALUES (%s, %s, %s, %s)
    ON CONFLICT (video_hash, chunk_index) DO UPDATE SET etag = excluded.etag, bytes = excluded.bytes
"""
_FINISH = """
    UPDATE nightreel.uploads SET state = 'finished', bytes = %s, updated_at = now() WHERE video_hash = %s
"""
_FORGET_UNTOUCHED = """
    DELETE FROM nightreel.uploads WHERE state = 'uploading' AND updated_at <= now() - %s
"""


class UploadRecords:
    """The uploads that the catalog remembers. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def announce_again(self, said: Announcement) -> Upload | None:
        """The upload of this file, for the title that is meant now; None when there is none."""
        values = {
            "video_hash": said.video_hash,
            "name": storable(said.name),
            "content_type": said.content_type,
            "content_id": said.content_id,
        }
        with transaction(self._connect) as cursor:
            cursor.execute(_ANNOUNCE_AGAIN, values)
            return _find(cursor, said.video_hash)

    def begin(self, said: Announcement, cut: Cut, object_key: str, multipart_id: str) -> Upload:
        """Remembers a new upload, or returns the other one of the same file that was faster."""
        values = (
            said.video_hash,
            said.has_digest,
            storable(said.name),
            said.content_type,
            said.content_id,
            object_key,
            multipart_id,
            cut.total_chunks,
            cut.chunk_bytes,
            cut.file_bytes,
        )
        with transaction(self._connect) as cursor:
            cursor.execute(_BEGIN, values)
            # In one transaction with the insert, there is one.
            return cast(Upload, _find(cursor, said.video_hash))

    def find(self, video_hash: str) -> Upload | None:
        with transaction(self._connect) as cursor:
            return _find(cursor, video_hash)

    def record_chunk(self, video_hash: str, index: int, chunk: Chunk) -> int | None:
        """Remembers a chunk, in place of an earlier one.

        How many came, or None when no such upload is going on.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_TOUCH, (video_hash,))
            if not cursor.rowcount:
                return None
            cursor.execute(_RECORD_CHUNK, (video_hash, index, chunk.etag, chunk.size))
            cursor.execute(
                "SELECT count(*) AS came FROM nightreel.upload_chunks WHERE video_hash = %s", (video_hash,)
            )
            (row,) = cursor.fetchall()
            return int(row["came"])

    def forget_chunks(self, video_hash: str, indices: list[int]) -> None:
        """They are not in the bucket as they were remembered."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "DELETE FROM nightreel.upload_chunks WHERE video_hash = %s AND chunk_index = ANY(%s)",
                (video_hash, indices),
            )

    def finish(self, video_hash: str, size: int) -> None:
        """The file is whole in the bucket. `size` in bytes."""
        with transaction(self._connect) as cursor:
            cursor.execute(_FINISH, (size, video_hash))

    def register(self, video_hash: str, video_url: str) -> Title | None:
        """Makes the file the source of its title, which is inserted if need be; None: no such upload.

        Raises RowRefused when the user's table does not take it, and ConfigurationError when
        no id can be made up for a new title.
        """
        with transaction(self._connect) as cursor:
            # Locked, so that two who finish the same upload do not both make up an id.
            cursor.execute("SELECT * FROM nightreel.uploads WHERE video_hash = %s FOR UPDATE", (video_hash,))
            row = cursor.fetchone()
            if row is None:
                return None
            upload = _upload(row, {})
            if upload.content_id is not None:
                title = Title(upload.content_type, upload.content_id)
                additions.set_source(cursor, self._mapping, title, video_url, upload.name)
                return title
            title = additions.add_new_title(
                cursor, self._mapping, upload.content_type, video_url, upload.name
            )
            cursor.execute(
                "UPDATE nightreel.uploads SET content_id = %s WHERE video_hash = %s",
                (title.content_id, video_hash),
            )
            return title

    def record_job(self, video_hash: str, job_id: str) -> None:
        """The run that was started for the upload."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.uploads SET job_id = %s WHERE video_hash = %s", (job_id, video_hash)
            )

    def forget(self, video_hash: str) -> None:
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.uploads WHERE video_hash = %s", (video_hash,))

    def forget_untouched(self, untouched: timedelta) -> int:
        """Gives up the unfinished uploads for which nothing came for so long; how many."""
        with transaction(self._connect) as cursor:
            cursor.execute(_FORGET_UNTOUCHED, (untouched,))
            return cursor.rowcount

    def multipart_ids(self) -> set[str]:
        """The uploads of the bucket that somebody may go on with."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT multipart_id FROM nightreel.uploads WHERE state = 'uploading'")
            return {row["multipart_id"] for row in cursor.fetchall()}


def _find(cursor: Cursor, video_hash: str) -> Upload | None:
    cursor.execute("SELECT * FROM nightreel.uploads WHERE video_hash = %s", (video_hash,))
    row = cursor.fetchone()
    if row is None:
        return None
    cursor.execute(
        "SELECT chunk_index, etag, bytes FROM nightreel.upload_chunks WHERE video_hash = %s", (video_hash,)
    )
    chunks = {each["chunk_index"]: Chunk(each["etag"], each["bytes"]) for each in cursor.fetchall()}
    return _upload(row, chunks)


def _upload(row: Row, chunks: Mapping[int, Chunk]) -> Upload:
    return Upload(**{column: row[column] for column in _COLUMNS}, chunks=chunks)
