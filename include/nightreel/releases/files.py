"""The files of a release as they lie in its folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from nightreel.vocabulary.release import MANIFEST, ReleaseFile


def describe_files(directory: Path) -> Iterator[ReleaseFile]:
    """Size and digests of every file of a release directory but `release.json`, by name."""
    for path in sorted(directory.iterdir()):
        if path.name == MANIFEST:
            continue
        yield describe_file(path)


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
