"""The picture's bit rate: an average or a quality, and a cap that no part of the title exceeds."""

from typing import Any

from nightreel.media.renditions import VideoRendition


def capped_rate(rendition: VideoRendition, crf: float | None = None) -> dict[str, Any]:
    """FFmpeg's options for the average, and for a decoder buffer that is filled at the cap.

    Keeps the peak well below twice the average (Apple HLS authoring rule 1.30). With a quality, `crf`, the
    average is what that needs, and only the cap is the ladder's.
    """
    return {
        **({"b:v": rendition.video_bps} if crf is None else {"crf": f"{crf:g}"}),
        "maxrate:v": rendition.maxrate_bps,
        "bufsize:v": rendition.buffer_bits,
    }
