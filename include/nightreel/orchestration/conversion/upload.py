"""Put the release's manifests and stills into the bucket, and prove that all of it is there."""

import logging
from typing import Any

from nightreel.orchestration.conversion.session import working
from nightreel.orchestration.conversion.upload_log import UploadLog
from nightreel.releases.files import read_manifest
from nightreel.releases.upload import outgoing, upload_files, verify_presence, verify_upload
from nightreel.vocabulary.tracks import STILLS, rendition_of
from nightreel.workspace.names import MANIFESTS, RELEASE

log = logging.getLogger(__name__)


def upload_release_files(ticket: dict[str, Any]) -> None:
    """Uploads what is not there yet, then compares the bucket's listing with the release's manifest.

    The renditions were uploaded as they were made. Raises StorageUnavailable when the bucket does not
    hold all of the release.
    """
    with working(ticket, "upload") as conversion:
        manifests = conversion.area.fetch(MANIFESTS)
        manifest = read_manifest(manifests)
        files = [
            each
            for each in outgoing(manifest, conversion.area.fetch(RELEASE), manifests)
            if rendition_of(each.file.name) in (STILLS, None)
        ]
        threads = conversion.settings.upload_threads
        summary = upload_files(conversion.bucket, files, threads, UploadLog(conversion))
        verify_upload(conversion.bucket, files)
        verify_presence(conversion.bucket, manifest)
        log.info(
            "uploaded %d files (%d bytes); %d were there already; the bucket's listing agrees",
            summary.files,
            summary.bytes,
            summary.skipped,
        )
