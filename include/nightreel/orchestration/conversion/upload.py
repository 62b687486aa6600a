"""Put the release into the bucket, and prove that the bucket holds exactly that."""

import logging
import shutil
import time
from typing import Any

from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.releases.upload import upload_release, verify_upload
from nightreel.vocabulary import release
from nightreel.workspace.names import RELEASE, RELEASE_MANIFEST

log = logging.getLogger(__name__)

_LOG_SECONDS = 15.0


def upload_release_files(ticket: dict[str, Any]) -> None:
    """Uploads every file of the release, then compares the bucket's listing with the manifest.

    Raises StorageUnavailable when the bucket did not take all of it.
    """
    with working(ticket, "upload") as conversion:
        directory = conversion.area.fetch(RELEASE)
        kept = conversion.area.fetch(RELEASE_MANIFEST)
        shutil.copyfile(kept, directory / release.MANIFEST)
        manifest = release.ReleaseManifest.model_validate_json(kept.read_text())
        prefix = release.release_prefix(conversion.claim.title, conversion.claim.release)
        summary = upload_release(
            conversion.bucket,
            directory,
            manifest,
            prefix,
            conversion.settings.upload_threads,
            _ProgressLog(conversion),
        )
        verify_upload(conversion.bucket, directory, manifest, prefix)
        log.info(
            "uploaded %d files (%d bytes); %d were there already; the bucket's listing agrees",
            summary.files,
            summary.bytes,
            summary.skipped,
        )


class _ProgressLog:
    def __init__(self, conversion: Conversion) -> None:
        self._conversion = conversion
        self._logged = time.monotonic()

    def __call__(self, files_done: int, files_total: int, bytes_done: int) -> None:
        self._conversion.require_claim()
        now = time.monotonic()
        if now - self._logged >= _LOG_SECONDS:
            self._logged = now
            log.info("%d of %d files, %d bytes", files_done, files_total, bytes_done)
