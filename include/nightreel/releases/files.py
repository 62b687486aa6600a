"""The files of a release as they lie in its folder."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nightreel.releases.references import placed
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseFile, ReleaseManifest


def describe_files(directory: Path) -> Iterator[ReleaseFile]:
    """Size and digests of every file of a release directory but `release.json`, by name.

    Several are read at once, because digests are computed without Python's lock.
    """
    paths = [path for path in sorted(directory.iterdir()) if path.name != MANIFEST]
    with ThreadPoolExecutor() as pool:
        yield from pool.map(describe_file, paths)


def read_manifest(directory: Path) -> ReleaseManifest:
    """The `release.json` of a directory."""
    return ReleaseManifest.model_validate_json((directory / MANIFEST).read_text("utf-8"))


def describe_file(path: Path) -> ReleaseFile:
    """Size and digests of one file, read in pieces of 1 MiB."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            sha256.update(piece)
            md5.update(piece)
    return ReleaseFile(
        name=path.name, size=path.stat().st_size, sha256=sha256.hexdigest(), md5=md5.hexdigest()
    )


def write_manifests(manifest: ReleaseManifest, flat: Path, directory: Path) -> ReleaseManifest:
    """Write the manifests of a release into `directory`, as its folder in the bucket is to have them.

    `flat` has the multivariant playlist, and the MPD if there is one, that name their neighbours;
    `manifest` has the files of the tracks. Writes `release.json` with all of them, and returns it.
    Raises ReleaseRejected as `references.placed` does.
    """
    directory.mkdir()
    for path in (flat / MASTER, flat / MPD):
        if path.is_file():
            (directory / path.name).write_text(placed(path.name, path.read_text("utf-8"), manifest), "utf-8")
    whole = manifest.model_copy(update={"files": (*manifest.files, *describe_files(directory))})
    (directory / MANIFEST).write_text(whole.model_dump_json(indent=1), "utf-8")
    return whole
