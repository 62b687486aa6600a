"""A packaged release, laid out as the bucket has it: each rendition in a track of its own."""

from pathlib import Path

from nightreel.releases.files import describe_files, write_manifests
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.tracks import rendition_of, track_id


def lay_out(facts: ReleaseManifest, flat: Path, manifests: Path) -> ReleaseManifest:
    """Write the release's manifests for the files of a flat folder into `manifests`.

    Returns `release.json`: the facts, with the files and the tracks.
    """
    owners = {file: rendition_of(file.name) for file in describe_files(flat)}
    tracks = {owner: track_id(owner, facts.release) for owner in owners.values() if owner is not None}
    files = tuple(file for file, owner in owners.items() if owner is not None)
    return write_manifests(facts.model_copy(update={"files": files, "tracks": tracks}), flat, manifests)
