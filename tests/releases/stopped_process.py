"""A process that may be stopped at any step: a transaction, or a write to the bucket."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2.extensions import connection

from nightreel.catalog.connection import Connect, KeptConnections
from nightreel.errors import ObjectChanged
from nightreel.storage.bucket import Bucket
from nightreel.storage.fenced import Ask, FencedObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LateWrite = Callable[[], None]
"""Sends what a process was about to send when it was stopped, its question answered."""


class Stopped(Exception):
    """The process is gone, and with it its transaction."""


@dataclass
class Process:
    """Takes so many steps, and is stopped before the next one; without a number, never."""

    steps_left: int | None = None
    late_write: LateWrite | None = None
    """What it was about to write to a stable manifest when it was stopped."""

    def run(self, act: Callable[[], object], steps: int | None = None) -> bool:
        """Whether it got to the end."""
        self.steps_left, self.late_write = steps, None
        try:
            act()
        except Stopped:
            return False
        finally:
            self.steps_left = None
        return True

    def step(self, late_write: LateWrite | None = None) -> None:
        if self.steps_left == 0:
            self.late_write = self.late_write or late_write
            raise Stopped
        if self.steps_left is not None:
            self.steps_left -= 1


class StoppableConnections(KeptConnections):
    """A connection for each transaction of a process."""

    def __init__(self, connect: Connect, process: Process) -> None:
        super().__init__(connect)
        self._process = process

    def __call__(self) -> connection:
        self._process.step()
        return super().__call__()


class StoppableBucket(Bucket):
    """A bucket as a process writes to it, one object after the other."""

    def __init__(self, client: "S3Client", name: str, public_url: str, process: Process) -> None:
        super().__init__(client, name, public_url)
        self._process = process

    def put_file(self, *arguments, **more):  # type: ignore[no-untyped-def]
        self._process.step()
        super().put_file(*arguments, **more)

    def delete(self, keys: Iterable[str]) -> int:
        count = 0
        for key in keys:
            self._process.step()
            count += self._delete_one(key)
        return count

    def fenced(self, key: str, ask: Ask) -> FencedObject:
        return _StoppableObject(self._client, self.name, key, ask, self._process)


class _StoppableObject(FencedObject):
    def __init__(self, client: "S3Client", bucket: str, key: str, ask: Ask, process: Process) -> None:
        super().__init__(client, bucket, key, ask)
        self._process = process

    def replace(self, content: bytes, content_type: str, cache_control: str) -> None:
        def write_late() -> None:
            self._ask = lambda: None
            with suppress(ObjectChanged):
                super(_StoppableObject, self).replace(content, content_type, cache_control)

        if self.content != content:
            self._process.step(write_late)
        super().replace(content, content_type, cache_control)

    def delete(self) -> None:
        if self.content is not None:
            self._process.step()
        super().delete()
