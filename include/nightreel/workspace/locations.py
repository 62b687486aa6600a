"""Where the work area is: NIGHTREEL_WORK_AREA, a directory or an `s3://bucket/prefix`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nightreel.errors import ConfigurationError
from nightreel.one_by_one import try_each
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from nightreel.workspace import bucket_area, directory_area
from nightreel.workspace.area import WorkArea
from nightreel.workspace.bucket_area import BucketArea
from nightreel.workspace.directory_area import DirectoryArea
from nightreel.workspace.names import parse_run_key, run_in

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Alive = Callable[[Title, str], bool]
"""Whether the run that makes this release of this title may still need its files."""


def open_area(location: str, title: Title, release: str, client: "S3Client | None" = None) -> WorkArea:
    """The area of the run that makes this release.

    `client` is for the bucket of an s3:// location, which cannot be opened without one (ValueError). Raises
    ConfigurationError for a malformed run.
    """
    if location.startswith("s3://"):
        return BucketArea(*bucket_of(location, client), title, release)
    return DirectoryArea(Path(location), title, release)


def sweep_areas(
    location: str, alive: Alive, older_than: timedelta, client: "S3Client | None" = None
) -> list[str]:
    """Remove the areas of runs that are not alive and were untouched for longer; returns those runs.

    Leaves alone whatever is not a run's area. Tries each one; raises NotAllDone at the end.
    """
    limit = datetime.now(UTC) - older_than
    folders = (
        bucket_area.folders_below(*bucket_of(location, client))
        if location.startswith("s3://")
        else directory_area.folders_below(Path(location))
    )
    removed: list[str] = []

    def remove_if_dead(run: str) -> None:
        title, release = parse_run_key(run)
        if not alive(title, release):
            open_area(location, title, release, client).remove()
            removed.append(run)

    runs = (run_in(folder) for folder, touched in folders if touched <= limit)
    try_each((run for run in runs if _is_run(run)), remove_if_dead)
    return removed


def abort_in_areas(location: str, alive: Alive, older_than: timedelta, client: "S3Client") -> int:
    """Abort multipart uploads of runs that are not alive, if they began longer ago; returns how many.

    `location` is an s3:// prefix. Leaves alone whatever is not a run's area.
    """
    bucket, prefix = bucket_of(location, client)

    def of_a_dead_run(key: str) -> bool:
        run = run_in(key.removeprefix(prefix).partition("/")[0])
        return _is_run(run) and not alive(*parse_run_key(run))

    return bucket.abort_uploads(older_than, prefix, ours=of_a_dead_run)


def _is_run(run: str) -> bool:
    try:
        parse_run_key(run)
    except ConfigurationError:
        return False
    return True


def bucket_of(location: str, client: "S3Client | None") -> tuple[Bucket, str]:
    """The bucket and the prefix (empty, or ending in a slash) of an s3:// location.

    Raises ValueError without a client.
    """
    if client is None:
        raise ValueError(f"the work area {location} needs a client for its bucket")
    name, _, prefix = location.removeprefix("s3://").partition("/")
    bucket = Bucket(client, name, "")
    return bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""
