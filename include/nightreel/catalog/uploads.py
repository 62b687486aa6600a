"""Uploads in chunks: what was announced, and what has arrived."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from secrets import token_hex
from typing import cast

from nightreel.catalog import additions
from nightreel.catalog.connection import Connect, Cursor, Row, storable, transaction
from nightreel.catalog.mapping import CatalogMapping
from nightreel.vocabulary.states import UploadState
from nightreel.vocabulary.title import Title


@dataclass(frozen=True)
class Announcement:
    """What a client says about a file before it sends it. Without an id, the title is a new one."""

    owner: str
    """Who announces it: nobody else can use the upload."""
    digest: str | None
    """SHA-256 of the file, in lower-case hex, if the client gave it."""
    name: str
    content_type: str
    content_id: str | None


@dataclass(frozen=True)
class Cut:
    """How a file is cut. Sizes in bytes, None if the client did not give the file's length."""

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
    """An announced upload; `chunks` by index, from 0. Sizes in bytes.

    `video_hash` is the owner's name for it: the file's digest, or a made-up one if the same file for
    another title already has that name or there is no digest.
    """

    owner: str
    video_hash: str
    digest: str | None
    name: str
    content_type: str
    content_id: str | None
    object_key: str
    multipart_id: str
    total_chunks: int
    chunk_bytes: int | None
    bytes: int | None
    state: UploadState
    run_id: str | None
    chunks: Mapping[int, Chunk] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The indexes of the chunks that have not arrived yet."""
        if self.state == "finished":
            return []
        return [index for index in range(self.total_chunks) if index not in self.chunks]


_COLUMNS = tuple(each.name for each in fields(Upload) if each.name not in ("run_id", "chunks"))

_OF_OWNER = "owner = %(owner)s AND video_hash = %(video_hash)s"

_BEGIN = """
    INSERT INTO nightreel.uploads (owner, video_hash, digest, name, content_type, content_id,
        object_key, multipart_id, total_chunks, chunk_bytes, bytes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (owner, video_hash) DO NOTHING
"""
_OF_FILE = """
    SELECT * FROM nightreel.uploads WHERE owner = %s AND digest = %s
    ORDER BY video_hash = digest DESC, created_at FOR UPDATE
"""
_AIM = f"""
    UPDATE nightreel.uploads SET name = %(name)s, content_type = %(content_type)s,
        content_id = %(content_id)s, job_id = NULL, updated_at = now()
    WHERE {_OF_OWNER}
"""  # noqa: S608 - only a constant is put in
_TOUCH = f"UPDATE nightreel.uploads SET updated_at = now() WHERE {_OF_OWNER} AND state = 'uploading'"  # noqa: S608
_RECORD_CHUNK = """
    INSERT INTO nightreel.upload_chunks (owner, video_hash, chunk_index, etag, bytes)
    VALUES (%(owner)s, %(video_hash)s, %(index)s, %(etag)s, %(bytes)s)
    ON CONFLICT (owner, video_hash, chunk_index) DO UPDATE SET etag = excluded.etag, bytes = excluded.bytes
"""
_FINISH = f"""
    UPDATE nightreel.uploads SET state = 'finished', bytes = %(bytes)s, updated_at = now()
    WHERE {_OF_OWNER}
"""  # noqa: S608 - only a constant is put in
_FORGET_UNTOUCHED = "DELETE FROM nightreel.uploads WHERE state = %s AND updated_at <= now() - %s"


class UploadRecords:
    """The uploads that the catalog knows. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def announce_again(self, said: Announcement) -> Upload | None:
        """This owner's upload of the file for this title; None if there is none.

        A complete file also serves another title. One that is still being uploaded for another title
        continues for that one only.
        """
        if said.digest is None:
            return None
        with transaction(self._connect) as cursor:
            cursor.execute(_OF_FILE, (said.owner, said.digest))
            known = [_upload(row, {}) for row in cursor.fetchall()]
            same = [each for each in known if _same_title(each, said)]
            chosen = next(iter(same or [each for each in known if each.state == "finished"]), None)
            if chosen is None:
                return None
            target = {
                "name": storable(said.name),
                "content_type": said.content_type,
                "content_id": chosen.content_id if same else said.content_id,
            }
            cursor.execute(_AIM, {**_key(chosen), **target})
            return _find(cursor, chosen.owner, chosen.video_hash)

    def begin(self, said: Announcement, cut: Cut, object_key: str, multipart_id: str) -> Upload:
        """Stores a new upload, or returns another one for the same title that was faster."""
        with transaction(self._connect) as cursor:
            for name in filter(None, (said.digest, token_hex(32))):
                values = (
                    said.owner,
                    name,
                    said.digest,
                    storable(said.name),
                    said.content_type,
                    said.content_id,
                    object_key,
                    multipart_id,
                    cut.total_chunks,
                    cut.chunk_bytes,
                    cut.file_bytes,
                )
                cursor.execute(_BEGIN, values)
                # There is one, because the insert was in the same transaction.
                upload = cast(Upload, _find(cursor, said.owner, name))
                if upload.multipart_id == multipart_id or _same_title(upload, said):
                    break
            return upload

    def find(self, owner: str, video_hash: str) -> Upload | None:
        """The owner's upload with this name."""
        with transaction(self._connect) as cursor:
            return _find(cursor, owner, video_hash)

    def record_chunk(self, upload: Upload, index: int, chunk: Chunk) -> int | None:
        """Stores a chunk, in place of an earlier one.

        Returns how many have arrived, or None if no such upload is in progress.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_TOUCH, _key(upload))
            if not cursor.rowcount:
                return None
            cursor.execute(
                _RECORD_CHUNK, {**_key(upload), "index": index, "etag": chunk.etag, "bytes": chunk.size}
            )
            cursor.execute(
                f"SELECT count(*) AS came FROM nightreel.upload_chunks WHERE {_OF_OWNER}",  # noqa: S608
                _key(upload),
            )
            (row,) = cursor.fetchall()
            return int(row["came"])

    def forget_chunks(self, upload: Upload, indices: list[int]) -> None:
        """Forgets chunks that are not in the bucket as they were recorded."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                f"DELETE FROM nightreel.upload_chunks WHERE {_OF_OWNER} AND chunk_index = ANY(%(indices)s)",  # noqa: S608
                {**_key(upload), "indices": indices},
            )

    def finish(self, upload: Upload, size: int) -> None:
        """The file is complete in the bucket, and its chunks no longer matter. `size` in bytes."""
        with transaction(self._connect) as cursor:
            cursor.execute(_FINISH, {**_key(upload), "bytes": size})
            cursor.execute(f"DELETE FROM nightreel.upload_chunks WHERE {_OF_OWNER}", _key(upload))  # noqa: S608

    def register(self, upload: Upload, video_url: str) -> Title | None:
        """Makes the file the source of its title, inserting the title if need be; None if there is no
        such upload.

        The title is the one that `upload` names, even if the file was announced for another one since.
        Raises RowRefused when the user's table does not accept it, and ConfigurationError when no id for
        a new title can be generated.
        """
        with transaction(self._connect) as cursor:
            # Locked, so that two requests that finish the same upload do not both create an id.
            cursor.execute(f"SELECT * FROM nightreel.uploads WHERE {_OF_OWNER} FOR UPDATE", _key(upload))  # noqa: S608
            row = cursor.fetchone()
            if row is None:
                return None
            now = _upload(row, {})
            unchanged = (now.content_type, now.name) == (upload.content_type, upload.name)
            content_id = upload.content_id or (now.content_id if unchanged else None)
            if content_id is not None:
                title = Title(upload.content_type, content_id)
                additions.set_source(cursor, self._mapping, title, video_url, upload.name)
                return title
            title = additions.add_new_title(
                cursor, self._mapping, upload.content_type, video_url, upload.name
            )
            if unchanged:
                cursor.execute(
                    f"UPDATE nightreel.uploads SET content_id = %(content_id)s WHERE {_OF_OWNER}",  # noqa: S608
                    {**_key(upload), "content_id": title.content_id},
                )
            return title

    def record_run(self, upload: Upload, title: Title, run_id: str) -> None:
        """Records the upload's run, unless the file was announced for another title since."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                f"UPDATE nightreel.uploads SET job_id = %(run_id)s WHERE {_OF_OWNER}"  # noqa: S608
                " AND content_type = %(content_type)s AND content_id = %(content_id)s",
                {**_key(upload), **asdict(title), "run_id": run_id},
            )

    def forget(self, upload: Upload) -> None:
        """Forgets the upload. The caller must abort its parts in the bucket."""
        with transaction(self._connect) as cursor:
            cursor.execute(f"DELETE FROM nightreel.uploads WHERE {_OF_OWNER}", _key(upload))  # noqa: S608

    def forget_untouched(self, state: UploadState, untouched: timedelta) -> int:
        """Forgets uploads in this state that nobody has continued for this long; returns how many.

        The file of a finished one stays, because it is the source of its title. If it is announced again,
        it is sent again.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_FORGET_UNTOUCHED, (state, untouched))
            return cursor.rowcount

    def multipart_ids(self) -> set[str]:
        """The ids of multipart uploads in the bucket that may still be continued."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT multipart_id FROM nightreel.uploads WHERE state = 'uploading'")
            return {row["multipart_id"] for row in cursor.fetchall()}


def _same_title(upload: Upload, said: Announcement) -> bool:
    """Whether they mean the same title. Without a title, the one made of this file is meant."""
    if upload.content_type != said.content_type:
        return False
    if said.content_id is None:
        return upload.name == storable(said.name)
    return upload.content_id == said.content_id


def _key(upload: Upload) -> dict[str, str]:
    return {"owner": upload.owner, "video_hash": upload.video_hash}


def _find(cursor: Cursor, owner: str, video_hash: str) -> Upload | None:
    key = {"owner": owner, "video_hash": video_hash}
    cursor.execute(f"SELECT * FROM nightreel.uploads WHERE {_OF_OWNER}", key)  # noqa: S608
    row = cursor.fetchone()
    if row is None:
        return None
    cursor.execute(
        f"SELECT chunk_index, etag, bytes FROM nightreel.upload_chunks WHERE {_OF_OWNER}",  # noqa: S608
        key,
    )
    chunks = {each["chunk_index"]: Chunk(each["etag"], each["bytes"]) for each in cursor.fetchall()}
    return _upload(row, chunks)


def _upload(row: Row, chunks: Mapping[int, Chunk]) -> Upload:
    return Upload(**{column: row[column] for column in _COLUMNS}, run_id=row["job_id"], chunks=chunks)
