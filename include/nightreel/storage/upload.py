"""Uploads a release and proves that the bucket holds exactly what was made.

Media goes before the playlists that name it, and `release.json`, which says that all is
there, goes last.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import StorageUnavailable
from nightreel.release import (
    MANIFEST,
    MEDIA_CACHE,
    ReleaseFile,
    ReleaseManifest,
    content_type_of,
    describe_file,
)
from nightreel.storage.bucket import PART_BYTES, PIECE_BYTES, Bucket, ObjectInfo

Progress = Callable[[int, int, int], None]
"""Called with the files done, the files in all and the bytes done, skipped ones included."""

_PLAYLISTS = {".m3u8", ".mpd"}
_NAMED_DIFFERENCES = 3


@dataclass(frozen=True)
class UploadSummary:
    """What an upload did: `files` and `bytes` sent, and how many files were there already."""

    files: int
    bytes: int
    skipped: int


def upload_release(
    bucket: Bucket,
    directory: Path,
    manifest: ReleaseManifest,
    prefix: str,
    threads: int,
    progress: Progress | None = None,
) -> UploadSummary:
    """Upload the files of the manifest, and `release.json`, from `directory` to below `prefix`.

    A file that the bucket holds already, byte for byte, is skipped, so a retry goes on
    where the last try stopped. Raises StorageUnavailable.
    """
    present = {item.key: item for item in bucket.list(prefix)}
    files = _complete(directory, manifest)
    sent_files = sent_bytes = skipped = done_bytes = 0

    def upload(file: ReleaseFile) -> tuple[ReleaseFile, bool]:
        path, key = directory / file.name, prefix + file.name
        if _same(present.get(key), file, path):
            return file, False
        bucket.put_file(path, key, content_type_of(file.name), MEDIA_CACHE)
        return file, True

    with ThreadPoolExecutor(threads) as pool:
        try:
            for stage in _stages(files):
                for finished in as_completed([pool.submit(upload, file) for file in stage]):
                    file, sent = finished.result()
                    sent_files += sent
                    sent_bytes += file.size if sent else 0
                    skipped += not sent
                    done_bytes += file.size
                    if progress:
                        progress(sent_files + skipped, len(files), done_bytes)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return UploadSummary(sent_files, sent_bytes, skipped)


def verify_upload(bucket: Bucket, directory: Path, manifest: ReleaseManifest, prefix: str) -> None:
    """Compare the bucket's listing below `prefix` with the manifest: names, sizes, ETags.

    Raises StorageUnavailable with a sentence that names the first differences of each kind.
    """
    present = {item.key.removeprefix(prefix): item for item in bucket.list(prefix)}
    expected = {file.name: file for file in _complete(directory, manifest)}
    common = sorted(expected.keys() & present.keys())
    same_size = [name for name in common if present[name].size == expected[name].size]
    differences = {
        "missing": sorted(expected.keys() - present.keys()),
        "extra": sorted(present.keys() - expected.keys()),
        "of a wrong size": [name for name in common if name not in set(same_size)],
        "with a wrong checksum": [
            name for name in same_size if present[name].etag != etag_of(expected[name], directory / name)
        ],
    }
    found = "; ".join(
        f"{len(names)} {kind} ({_first(names)})" for kind, names in differences.items() if names
    )
    if found:
        raise StorageUnavailable(
            f"{prefix} in the bucket {bucket.name!r} is not the release that was made: {found}. "
            "Upload it again."
        )


def etag_of(file: ReleaseFile, path: Path) -> str:
    """The ETag that S3 gives to this file as `Bucket.put_file` sends it.

    The MD5 of the file; for one sent in parts, the MD5 of the parts' MD5s and their number.
    """
    if file.size < PART_BYTES:
        return file.md5
    parts = []
    with path.open("rb") as stream:
        for start in range(0, file.size, PART_BYTES):
            digest = hashlib.md5(usedforsecurity=False)
            for offset in range(start, min(start + PART_BYTES, file.size), PIECE_BYTES):
                digest.update(stream.read(min(PIECE_BYTES, file.size - offset)))
            parts.append(digest.digest())
    return f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"


def _complete(directory: Path, manifest: ReleaseManifest) -> list[ReleaseFile]:
    """The files of the manifest and `release.json`, which cannot describe itself."""
    return [*manifest.files, describe_file(directory / MANIFEST)]


def _stages(files: list[ReleaseFile]) -> list[list[ReleaseFile]]:
    def stage(file: ReleaseFile) -> int:
        if file.name == MANIFEST:
            return 2
        return 1 if Path(file.name).suffix in _PLAYLISTS else 0

    return [[file for file in files if stage(file) == number] for number in range(3)]


def _same(found: ObjectInfo | None, file: ReleaseFile, path: Path) -> bool:
    return found is not None and found.size == file.size and found.etag == etag_of(file, path)


def _first(names: list[str]) -> str:
    more = ", …" if len(names) > _NAMED_DIFFERENCES else ""
    return ", ".join(names[:_NAMED_DIFFERENCES]) + more
