"""What the packager rounds in the media playlists, or knows no better, put right."""

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from nightreel.media.packaging.packager_facts import segment_timeline
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

_EXTINF, _TARGET, _KEY = "#EXTINF:", "#EXT-X-TARGETDURATION:", "#EXT-X-KEY:"
_PLACEMENT = "#EXT-X-PLACEMENT-OPPORTUNITY"
_FAIRPLAY = 'KEYFORMAT="com.apple.streamingkeydelivery"'
_URI = re.compile(r'\bURI="[^"]*"')


def refine_media_playlist(
    packaging: Packaging, rendition: VideoRendition | AudioRendition, mpd: Path
) -> None:
    """Exact durations, the title's target and the right keys.

    The packager writes EXTINF in whole milliseconds. At 29.97 fps that is wrong by a tenth of
    one in each segment, which adds up to a frame in half an hour; its MPD has the same durations
    in the media's own ticks.
    """
    _refine(packaging, release.playlist_name(rendition.name), segment_timeline(mpd).seconds)


def refine_iframe_playlist(packaging: Packaging, rendition: VideoRendition) -> None:
    """The same for the playlist of keyframes, of which the plan says how far apart they are."""
    _refine(packaging, release.iframe_playlist_name(rendition.name), packaging.plan.grid.gop_durations)


def _refine(packaging: Packaging, name: str, durations: Sequence[Fraction]) -> None:
    path = packaging.directory / name
    lines = [
        _with_own_target(_with_own_uri(line, packaging.protection), packaging.plan)
        for line in path.read_text().splitlines()
        # The packager takes every cue at which it cuts for a place of an advertisement.
        if line != _PLACEMENT
    ]
    _rewrite_durations(lines, durations)
    path.write_text("\n".join(lines) + "\n")


def _rewrite_durations(lines: list[str], durations: Sequence[Fraction]) -> None:
    places = [position for position, line in enumerate(lines) if line.startswith(_EXTINF)]
    if len(places) != len(durations):
        # The picture was not cut as planned: the gate measures that, and says it better.
        return
    for position, seconds in zip(places, durations, strict=True):
        lines[position] = f"{_EXTINF}{float(seconds):.6f},"


def _with_own_target(line: str, plan: Plan) -> str:
    # The packager rounds a segment of sound up that is an AAC frame longer than the target.
    return f"{_TARGET}{plan.target_duration}" if line.startswith(_TARGET) else line


def _with_own_uri(line: str, protection: Protection | None) -> str:
    """The packager gives FairPlay the key's URI of everybody else."""
    if protection is None or not (line.startswith(_KEY) and _FAIRPLAY in line):
        return line
    return _URI.sub(lambda _: f'URI="{protection.fairplay_uri}"', line)
