"""How many bits per second a transport stream needs, as measured from its playlists and files."""

from collections.abc import Iterable
from pathlib import Path

import m3u8

from nightreel.media.packaging.track import Rate


def segment_rate(playlist: Path) -> Rate:
    """Of the segments of a media playlist, which lie beside it."""
    segments = m3u8.loads(playlist.read_text()).segments
    return _rate((playlist.with_name(each.uri).stat().st_size, float(each.duration)) for each in segments)


def iframe_rate(playlist: Path) -> Rate:
    """Of the keyframes of an I-frame playlist."""
    frames = m3u8.loads(playlist.read_text()).segments
    return _rate((int(each.byterange.partition("@")[0]), float(each.duration)) for each in frames)


def _rate(sizes_and_seconds: Iterable[tuple[int, float]]) -> Rate:
    """A part shorter than half the others says nothing of the peak (RFC 8216, 4.1)."""
    parts = list(sizes_and_seconds)
    longest = max((seconds for _, seconds in parts), default=0.0)
    if not longest:
        return Rate()
    peak = max(size * 8 / seconds for size, seconds in parts if seconds >= longest / 2)
    average = sum(size * 8 for size, _ in parts) / sum(seconds for _, seconds in parts)
    return Rate(peak=round(peak), average=round(average))
