"""Says now and then how far an upload is, and ends it when the title is another run's."""

import logging
import time

from nightreel.orchestration.conversion.session import Conversion

log = logging.getLogger(__name__)

_LOG_SECONDS = 15.0


class UploadLog:
    """Called for each file of an upload."""

    def __init__(self, conversion: Conversion) -> None:
        self._conversion = conversion
        self._logged = time.monotonic()

    def __call__(self, files_done: int, files_total: int, bytes_done: int) -> None:
        """The files done, the files in all, and the bytes done. Raises what `require_claim` does."""
        self._conversion.require_claim()
        now = time.monotonic()
        if now - self._logged >= _LOG_SECONDS:
            self._logged = now
            log.info("%d of %d files, %d bytes", files_done, files_total, bytes_done)
