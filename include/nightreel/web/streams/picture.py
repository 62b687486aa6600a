"""The picture of a source that will be streamed, and its colours."""

import asyncio

from nightreel.media.encoding.live import LivePicture
from nightreel.media.inspection.remote_probe import picture_in
from nightreel.media.planning.plan_colour import understood
from nightreel.media.programs.live_process import LiveProcess

_LONGEST_SECONDS = 10.0
_MOST_BYTES = 1 << 20
_READ_BYTES = 64 * 1024


async def picture_told_by(describing: LiveProcess) -> LivePicture | None:
    """The picture that `describing_command` reports; None if there is none, or no answer in time.

    Ends the process. Raises SourceRejected for a picture whose colours cannot be shown.
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            video = picture_in(await _all_of(describing))
    except TimeoutError:
        return None
    finally:
        describing.end()
    return None if video is None else LivePicture(video.index, understood(video)[0])


async def _all_of(process: LiveProcess) -> str:
    """Its output, up to a length that no honest source comes near."""
    told = b""
    while len(told) < _MOST_BYTES and (more := await process.read(_READ_BYTES)):
        told += more
    return told.decode(errors="replace")
