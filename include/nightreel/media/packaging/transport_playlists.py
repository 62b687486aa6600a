"""The media playlists of a transport stream: exact durations, one target, and the I-frame playlists."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from nightreel.media.packaging.transport_packets import keyframe_ranges
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary import release

_EXTINF, _TARGET = "#EXTINF:", "#EXT-X-TARGETDURATION:"
_IFRAME_VERSION = 4
"""EXT-X-BYTERANGE and EXT-X-I-FRAMES-ONLY (RFC 8216, section 7)."""


def refine_media_playlist(directory: Path, plan: Plan, name: str) -> None:
    """Put right what FFmpeg says in ticks of 90 kHz, and give every playlist the same target.

    At 23.976 fps a frame is no whole number of ticks. A playlist of a picture with another
    count of segments is left as it is: the gate measures that, and says it better.
    """
    path = directory / release.playlist_name(name)
    lines = path.read_text().splitlines()
    places = [position for position, line in enumerate(lines) if line.startswith(_EXTINF)]
    exact = plan.grid.segment_durations
    if name in {picture.name for picture in plan.video} and len(places) == len(exact):
        for position, seconds in zip(places, exact, strict=True):
            lines[position] = _extinf(seconds)
    target = f"{_TARGET}{plan.target_duration}"
    path.write_text("".join(f"{target if line.startswith(_TARGET) else line}\n" for line in lines))


def write_iframe_playlist(directory: Path, plan: Plan, picture: VideoRendition) -> None:
    """The keyframes of a clear picture, as byte ranges of its segments (RFC 8216, 4.3.3.6)."""
    ranges = list(_keyframes(directory, plan, picture))
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_IFRAME_VERSION}",
        f"{_TARGET}{plan.target_duration}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-I-FRAMES-ONLY",
    ]
    # Of unequal counts the shorter one counts; the gate finds what is missing.
    for (name, start, end), seconds in zip(ranges, plan.grid.gop_durations, strict=False):
        lines += [_extinf(seconds), f"#EXT-X-BYTERANGE:{end - start}@{start}", name]
    path = directory / release.iframe_playlist_name(picture.name)
    path.write_text("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n")


def _keyframes(directory: Path, plan: Plan, picture: VideoRendition) -> Iterator[tuple[str, int, int]]:
    for number in range(plan.segments):
        name = release.segment_name(picture.name, number, plan.container)
        if (directory / name).is_file():
            for start, end in keyframe_ranges((directory / name).read_bytes()):
                yield name, start, end


def _extinf(seconds: Fraction) -> str:
    return f"{_EXTINF}{float(seconds):.6f},"
