"""Uploads a release and proves that the bucket holds exactly what was made.

Media goes before the playlists that name it, and `release.json`, which says that all is
there, goes last.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import StorageUnavailable
from nightreel.releases.comparison import Comparison
from nightreel.releases.files import describe_file
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused
from nightreel.storage.objects import ObjectInfo
from nightreel.storage.refused_writes import refused_write
from nightreel.vocabulary.release import (
    MANIFEST,
    MEDIA_CACHE,
    ReleaseFile,
    ReleaseManifest,
    content_type_of,
)

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
    where the last try stopped. Raises StorageUnavailable, and ConfigurationError that names what is
    not taken.
    """
    present = {item.key: item for item in bucket.list(prefix)}
    files = _complete(directory, manifest)
    known = _comparison(bucket, present, files, directory, prefix)
    sent_files = sent_bytes = skipped = done_bytes = 0

    def upload(file: ReleaseFile) -> tuple[ReleaseFile, bool]:
        path, key = directory / file.name, prefix + file.name
        if known.is_same(key, file, path):
            return file, False
        try:
            bucket.put_file(path, key, content_type_of(file.name), MEDIA_CACHE)
        except ObjectRefused as refusal:
            raise refused_write(refusal, key, bucket) from refusal
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
    """Compare the bucket's listing below `prefix` with the manifest: names, sizes, checksums.

    Raises StorageUnavailable with a sentence that names the first differences of each kind.
    """
    listed = {item.key: item for item in bucket.list(prefix)}
    present = {key.removeprefix(prefix): item for key, item in listed.items()}
    expected = {file.name: file for file in _complete(directory, manifest)}
    known = _comparison(bucket, listed, list(expected.values()), directory, prefix)
    common = sorted(expected.keys() & present.keys())
    same_size = [name for name in common if present[name].size == expected[name].size]
    differences = {
        "missing": sorted(expected.keys() - present.keys()),
        "extra": sorted(present.keys() - expected.keys()),
        "of a wrong size": [name for name in common if name not in set(same_size)],
        "with a wrong checksum": [
            name for name in same_size if not known.is_same(prefix + name, expected[name], directory / name)
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


def _complete(directory: Path, manifest: ReleaseManifest) -> list[ReleaseFile]:
    """The files of the manifest and `release.json`, which cannot describe itself."""
    return [*manifest.files, describe_file(directory / MANIFEST)]


def _comparison(
    bucket: Bucket, present: Mapping[str, ObjectInfo], files: list[ReleaseFile], directory: Path, prefix: str
) -> Comparison:
    return Comparison(bucket, present, [(prefix + file.name, file, directory / file.name) for file in files])


def _stages(files: list[ReleaseFile]) -> list[list[ReleaseFile]]:
    def stage(file: ReleaseFile) -> int:
        if file.name == MANIFEST:
            return 2
        return 1 if Path(file.name).suffix in _PLAYLISTS else 0

    return [[file for file in files if stage(file) == number] for number in range(3)]


def _first(names: list[str]) -> str:
    more = ", …" if len(names) > _NAMED_DIFFERENCES else ""
    return ", ".join(names[:_NAMED_DIFFERENCES]) + more
