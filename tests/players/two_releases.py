"""A release, and one that takes its place while it is watched."""

from dataclasses import dataclass
from pathlib import Path

from nightreel.releases.publish import publish_manifests
from nightreel.releases.upload import outgoing, upload_files, verify_presence, verify_upload
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import track_prefix
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.fixtures_object_store import unasked

TITLE = Title("movie", "replaced")
FIRST, SECOND = "20261121T010000-0a1b2c3d", "20261122T010000-0a1b2c3d"
PLAY_TO_THE_END = """() => new Promise((resolve, reject) => {
    const video = document.getElementById("video");
    video.addEventListener("ended", () => resolve(video.currentTime));
    setTimeout(() => reject(new Error(`not ended at ${video.currentTime} s`)), 20_000);
    video.playbackRate = 2;
    video.play();
})"""


@dataclass(frozen=True)
class Release:
    """A finished release. `tracks` has the files that are new with it."""

    manifest: ReleaseManifest
    tracks: Path
    manifests: Path

    def publish(self, bucket: Bucket) -> None:
        """Uploads what is new, and has the stable manifests lead to it."""
        new = [each for each in outgoing(self.manifest, self.tracks, self.manifests) if each.path.is_file()]
        upload_files(bucket, new, threads=4)
        verify_upload(bucket, new)
        verify_presence(bucket, self.manifest)
        publish_manifests(bucket, self.manifest, self.manifests, unasked)

    def folder_of(self, rendition: str) -> str:
        return f"/{track_prefix(TITLE, self.manifest.tracks[rendition])}"


def facts(release: str) -> ReleaseManifest:
    """What is known of a release before its files are laid out."""
    return ReleaseManifest(
        release=release,
        content_type=TITLE.content_type,
        content_id=TITLE.content_id,
        files=(),
        plan={},
        tools={},
        checks={},
    )
