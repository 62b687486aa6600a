"""What the packager rounds in the media playlists, or knows no better, put right."""

import re
from fractions import Fraction
from math import ceil
from pathlib import Path

from nightreel.media.packaging.dash import segment_durations
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

_EXTINF, _TARGET, _KEY = "#EXTINF:", "#EXT-X-TARGETDURATION:", "#EXT-X-KEY:"
_FAIRPLAY = 'KEYFORMAT="com.apple.streamingkeydelivery"'
_URI = re.compile(r'\bURI="[^"]*"')


def refine_media_playlists(directory: Path, plan: Plan, protection: Protection | None) -> None:
    """Exact durations, one target and the right keys in every media playlist.

    The packager writes EXTINF in whole milliseconds. At 29.97 fps that is wrong by a tenth of
    one in each segment, which adds up to a frame in half an hour; the MPD has the same durations
    in the media's own ticks. Subtitles have exact ones already.
    """
    durations = segment_durations(directory / release.MPD)
    timed: tuple[VideoRendition | AudioRendition, ...] = (*plan.video, *plan.audio)
    exact = {release.playlist_name(item.name): durations[release.stream_name(item.name)] for item in timed}
    exact |= {release.iframe_playlist_name(picture.name): _gop_durations(plan) for picture in plan.video}
    exact |= {release.playlist_name(text.name): [] for text in plan.text}
    for name, seconds in exact.items():
        lines = (directory / name).read_text().splitlines()
        lines = [_with_own_target(_with_own_uri(line, protection), plan) for line in lines]
        _rewrite_durations(lines, seconds)
        (directory / name).write_text("\n".join(lines) + "\n")


def _gop_durations(plan: Plan) -> list[Fraction]:
    starts = range(0, plan.frames, plan.gop_frames)
    return [min(plan.gop_frames, plan.frames - start) / plan.frame_rate for start in starts]


def _rewrite_durations(lines: list[str], durations: list[Fraction]) -> None:
    places = [position for position, line in enumerate(lines) if line.startswith(_EXTINF)]
    if len(places) != len(durations):
        # The picture was not cut as planned: the gate measures that, and says it better.
        return
    for position, seconds in zip(places, durations, strict=True):
        lines[position] = f"{_EXTINF}{float(seconds):.6f},"


def _with_own_target(line: str, plan: Plan) -> str:
    # The packager rounds a segment of sound up that is an AAC frame longer than the target; the
    # nearest whole second is what counts (RFC 8216, 4.3.3.1).
    return f"{_TARGET}{ceil(plan.segment_duration)}" if line.startswith(_TARGET) else line


def _with_own_uri(line: str, protection: Protection | None) -> str:
    """The packager gives FairPlay the key's URI of everybody else."""
    if protection is None or not (line.startswith(_KEY) and _FAIRPLAY in line):
        return line
    return _URI.sub(lambda _: f'URI="{protection.fairplay_uri}"', line)
