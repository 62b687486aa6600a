"""Uploads files of a title, and proves that the bucket holds exactly what was made.

Media goes before the playlists that name it, and `track.json` and `release.json`, which say that
all is there, go last.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nightreel.errors import StorageUnavailable
from nightreel.releases.comparison import Comparison
from nightreel.releases.files import describe_file
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused
from nightreel.storage.objects import ObjectInfo
from nightreel.storage.refused_writes import refused_write
from nightreel.vocabulary.release import MANIFEST, MEDIA_CACHE, content_type_of
from nightreel.vocabulary.release_manifest import ReleaseFile, ReleaseManifest
from nightreel.vocabulary.tracks import rendition_of

Progress = Callable[[int, int, int], None]
"""Called with the files done, the files in all and the bytes done, skipped ones included."""

_PLAYLISTS = {".m3u8", ".mpd"}
_RECORDS = {".json"}
_NAMED_DIFFERENCES = 3


@dataclass(frozen=True)
class Outgoing:
    """A file on this machine, and its key in the bucket."""

    file: ReleaseFile
    path: Path
    key: str


@dataclass(frozen=True)
class UploadSummary:
    """What an upload did: `files` and `bytes` sent, and how many files were there already."""

    files: int
    bytes: int
    skipped: int


def outgoing(manifest: ReleaseManifest, tracks: Path, manifests: Path) -> list[Outgoing]:
    """All files of a release, those of its tracks in one directory, and its manifests in another.

    `release.json` is one of them.
    """

    def path_of(name: str) -> Path:
        return (manifests if rendition_of(name) is None else tracks) / name

    # It cannot describe itself.
    files = [*manifest.files, describe_file(manifests / MANIFEST)]
    return [Outgoing(file, path_of(file.name), manifest.key_of(file.name)) for file in files]


def upload_files(
    bucket: Bucket, files: Sequence[Outgoing], threads: int, progress: Progress | None = None
) -> UploadSummary:
    """Upload the files to their keys.

    A file that the bucket holds already, byte for byte, is skipped, so a retry goes on
    where the last try stopped. Raises StorageUnavailable, and ConfigurationError that names what is
    not taken.
    """
    known = _comparison(bucket, _listed(bucket, files), files)
    sent_files = sent_bytes = skipped = done_bytes = 0

    def upload(each: Outgoing) -> tuple[ReleaseFile, bool]:
        if known.is_same(each.key, each.file, each.path):
            return each.file, False
        try:
            bucket.put_file(each.path, each.key, content_type_of(each.file.name), MEDIA_CACHE)
        except ObjectRefused as refusal:
            raise refused_write(refusal, each.key, bucket) from refusal
        return each.file, True

    with ThreadPoolExecutor(threads) as pool:
        try:
            for stage in _stages(files):
                for finished in as_completed([pool.submit(upload, each) for each in stage]):
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


def verify_upload(bucket: Bucket, files: Sequence[Outgoing]) -> None:
    """Compare the bucket's listing of the files' folders with the files: names, sizes, checksums.

    Raises StorageUnavailable with a sentence that names the first differences of each kind.
    """
    listed = _listed(bucket, files)
    known = _comparison(bucket, listed, files)
    expected = {each.key: each for each in files}
    common = sorted(expected.keys() & listed.keys())
    same_size = [key for key in common if listed[key].size == expected[key].file.size]
    differences = {
        "missing": sorted(expected.keys() - listed.keys()),
        "extra": sorted(listed.keys() - expected.keys()),
        "of a wrong size": [key for key in common if key not in set(same_size)],
        "with a wrong checksum": [
            key for key in same_size if not known.is_same(key, expected[key].file, expected[key].path)
        ],
    }
    _raise_if_different(bucket, _folders(files), differences)


def verify_presence(bucket: Bucket, manifest: ReleaseManifest) -> None:
    """Compare the bucket's listing of every track of a release with its manifest: names and sizes.

    What a track's files hold was compared when it was uploaded. Raises as `verify_upload` does.
    """
    expected = {manifest.key_of(file.name): file.size for file in manifest.files}
    folders = sorted({_folder(key) for key in expected})
    listed = {item.key: item.size for folder in folders for item in bucket.list(folder)}
    differences = {
        "missing": sorted(expected.keys() - listed.keys()),
        "of a wrong size": sorted(key for key, size in expected.items() if listed.get(key, size) != size),
    }
    _raise_if_different(bucket, folders, differences)


def _raise_if_different(
    bucket: Bucket, folders: Collection[str], differences: Mapping[str, Sequence[str]]
) -> None:
    found = "; ".join(
        f"{len(keys)} {kind} ({_first([PurePosixPath(key).name for key in keys])})"
        for kind, keys in differences.items()
        if keys
    )
    if found:
        raise StorageUnavailable(
            f"{', '.join(sorted(folders))} in the bucket {bucket.name!r} is not what was made: {found}. "
            "Upload it again."
        )


def _listed(bucket: Bucket, files: Iterable[Outgoing]) -> dict[str, ObjectInfo]:
    return {item.key: item for folder in _folders(files) for item in bucket.list(folder)}


def _folders(files: Iterable[Outgoing]) -> list[str]:
    return sorted({_folder(each.key) for each in files})


def _folder(key: str) -> str:
    return f"{key.rpartition('/')[0]}/"


def _comparison(bucket: Bucket, listed: Mapping[str, ObjectInfo], files: Iterable[Outgoing]) -> Comparison:
    return Comparison(bucket, listed, [(each.key, each.file, each.path) for each in files])


def _stages(files: Sequence[Outgoing]) -> list[list[Outgoing]]:
    def stage(each: Outgoing) -> int:
        suffix = each.path.suffix
        return 2 if suffix in _RECORDS else 1 if suffix in _PLAYLISTS else 0

    return [[each for each in files if stage(each) == number] for number in range(3)]


def _first(names: list[str]) -> str:
    more = ", …" if len(names) > _NAMED_DIFFERENCES else ""
    return ", ".join(names[:_NAMED_DIFFERENCES]) + more
