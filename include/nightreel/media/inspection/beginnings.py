"""When each track of a file begins, where FFmpeg does not keep that.

Of containers whose times may jump (its AVFMT_TS_DISCONT), FFmpeg takes for time 0 the moment at which
the first of those tracks begins that it was asked for; of all others, that at which the file begins.
"""

from typing import Any

from nightreel.media.inspection.timeline import seconds

_MAY_JUMP = {"mpegts", "mpeg", "ogg"}


def beginnings(streams: list[dict[str, Any]], start: float, format_name: str) -> dict[int, float]:
    """Seconds after the file's `start`, by index; empty for other containers. `streams` are ffprobe's."""
    if _MAY_JUMP.isdisjoint(format_name.split(",")):
        return {}
    told = {stream["index"]: seconds(stream.get("start_time")) for stream in streams}
    return {index: max(0.0, begins - start) for index, begins in told.items() if begins is not None}
