"""What decoding reveals about a picture: that its size changes, or that its beginning is missing."""

from collections.abc import Mapping

from nightreel.media.source import VideoStream

_WORTH_TELLING = 3
"""In frames. An open GOP at a cut lacks a few that nobody misses."""


def with_sizes_seen(video: VideoStream, sizes: Mapping[str, int]) -> tuple[VideoStream, str]:
    """The picture in the size of most of its frames, and a sentence for the owner if there are other sizes.

    `sizes` has how many frames were seen of each size, such as `640x360`, in order of appearance.
    """
    own = f"{video.width}x{video.height}"
    # If the container crops, its size differs from that of every decoded frame.
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
    """The sentence about a picture whose first `packets` cannot be decoded; empty if they are few."""
    frames = packets // 2 if video.field_pictures else packets
    if frames <= _WORTH_TELLING:
        return ""
    return (
        f"The picture begins in the middle: its first {frames} frames cannot be decoded without what came "
        "before them. The first whole picture is shown in their place."
    )
