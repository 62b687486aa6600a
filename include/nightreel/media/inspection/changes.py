"""What a picture turns out to be once it is decoded: of several sizes, or without its beginning."""

from collections.abc import Mapping

from nightreel.media.source import VideoStream

_WORTH_TELLING = 3
"""Frames; an open group of pictures at a cut lacks a few that nobody misses."""


def with_sizes_seen(video: VideoStream, sizes: Mapping[str, int]) -> tuple[VideoStream, str]:
    """The picture in the size that most of its frames have, and a sentence for the owner if there are more.

    `sizes` has how many frames were seen in each, as `640x360`, in the order of their appearance.
    """
    own = f"{video.width}x{video.height}"
    # A container that crops what was decoded says another size than any frame has.
    if len(sizes) < 2 or own not in sizes or video.canvas is None:
        return video, ""
    usual = max(sizes, key=lambda size: (sizes[size], size == own))
    width, _, height = usual.partition("x")
    named = ", ".join(size.replace("x", "×") for size in sizes)
    return video.model_copy(update={"width": int(width), "height": int(height)}), (
        f"The picture changes its size midway ({named} pixels); all of it is shown within "
        f"{usual.replace('x', '×')}, with bars where the shape differs."
    )


def late_start(packets: int, video: VideoStream) -> str:
    """The sentence about a picture of which the first so many packets cannot be decoded; empty for a few."""
    frames = packets // 2 if video.field_pictures else packets
    if frames <= _WORTH_TELLING:
        return ""
    return (
        f"The picture begins in the middle: its first {frames} frames cannot be decoded without what came "
        "before them. The first whole picture is shown in their place."
    )
