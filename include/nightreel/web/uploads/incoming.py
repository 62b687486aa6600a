"""A source on its way into the bucket: forwarded in parts as it arrives, and stored nowhere else."""

import asyncio
from io import BytesIO
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool

from nightreel.errors import SourceRejected
from nightreel.media.inspection.containers import Container
from nightreel.media.inspection.sniff import HEAD_BYTES, container_of
from nightreel.sources.intake import begin_upload
from nightreel.storage.bucket import Bucket
from nightreel.storage.multipart import MultipartUpload, Part, part_bytes_for
from nightreel.web.problems import Problem
from nightreel.web.uploads.forms import Once, too_large


def require_video(head: bytes) -> Container:
    """The format of a file with this beginning. Raises Problem 415 with the sentence for its owner."""
    try:
        return container_of(head[:HEAD_BYTES])
    except SourceRejected as refused:
        raise Problem(415, "Not a video", refused.sentence, code=refused.code) from None


class VideoField(Once):
    """The file of a form, sent to the bucket while it arrives.

    One part is sent while the next one arrives, so that at most two are held. Nothing is begun in the
    bucket until the first bytes prove to be those of a video. `most_bytes` is the limit; `expected_bytes`
    what is expected.
    """

    def __init__(self, name: str, bucket: Bucket, most_bytes: int, expected_bytes: int) -> None:
        super().__init__(name)
        self._bucket = bucket
        self._most_bytes = most_bytes
        self._part_bytes = part_bytes_for(expected_bytes)
        self._pending = BytesIO()
        self._size = 0
        self._upload: MultipartUpload | None = None
        self._sending: asyncio.Task[Part] | None = None
        self._parts: list[Part] = []
        self.key: str | None = None
        """The object's key, once it exists."""

    @property
    def title(self) -> str:
        """The file's name without its extension."""
        return PurePosixPath((self.multipart_filename or "").replace("\\", "/")).stem[:200]

    async def on_data_received_async(self, chunk: bytes) -> None:
        """Forwards what has arrived to the bucket, part by part. Raises Problem when it is too much."""
        self._size += len(chunk)
        if self._size > self._most_bytes:
            raise too_large(self._most_bytes, "A source")
        rest = memoryview(chunk)
        while rest:
            room = self._part_bytes - self._pending.tell()
            self._pending.write(rest[:room])
            rest = rest[room:]
            if self._pending.tell() >= HEAD_BYTES:
                await self._begun()
            if self._pending.tell() == self._part_bytes:
                await self._send()

    async def on_finish_async(self) -> None:
        """Sends the last part."""
        await self._begun()
        if self._pending.tell():
            await self._send()
        await super().on_finish_async()

    async def store(self) -> str:
        """Makes the object from its parts, and returns its key. Raises Problem 422 if it is incomplete."""
        self.require_complete()
        upload = await self._begun()
        await self._settle()
        await run_in_threadpool(upload.complete, self._parts)
        self.key = upload.key
        return self.key

    async def discard(self) -> None:
        """Removes the file from the bucket."""
        if self._sending is not None:
            await asyncio.wait([self._sending])
        if self.key is not None:
            await run_in_threadpool(self._bucket.delete, [self.key])
        elif self._upload is not None:
            await run_in_threadpool(self._upload.abort)

    async def _begun(self) -> MultipartUpload:
        if self._upload is None:
            container = require_video(self._pending.getvalue())
            self._upload = await run_in_threadpool(begin_upload, self._bucket, container)
        return self._upload

    async def _send(self) -> None:
        upload = await self._begun()
        await self._settle()
        data, self._pending = self._pending.getvalue(), BytesIO()
        number = len(self._parts) + 1
        self._sending = asyncio.create_task(run_in_threadpool(upload.put, number, data))

    async def _settle(self) -> None:
        if self._sending is not None:
            sending, self._sending = self._sending, None
            self._parts.append(await sending)
