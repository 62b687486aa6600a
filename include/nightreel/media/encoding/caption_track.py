"""Writes one channel of closed captions as a separate track, which FFmpeg reads like any other.

FFmpeg itself shows the two channels of a field as one text.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av

from nightreel.media.inspection.captions import carried
from nightreel.media.inspection.line_21 import Channels
from nightreel.media.renditions import TextRendition

LEAD_SECONDS = 86_400
"""Added to all times at first: pictures may be shown before 0, and Matroska has no such times."""
_MILLISECOND = Fraction(1, 1000)
_FIRST_FIELD = b"\xfc"
_CLEAR, _NOTHING = b"\x94\x2c", b"\x80\x80"


def write_caption_track(path: Path, source: Path, rendition: TextRendition, seconds: float) -> None:
    """Write one channel of the source as the only track of a QuickTime file.

    The title lasts `seconds`; captions still on screen at its end are cleared then.
    Raises EncoderFailed when the program that reads captions crashed or took too long.
    """
    pairs = of_channel(rendition.channel, carried(source, rendition.stream, seconds))
    end = rendition.source_start + seconds
    with av.open(str(path), "w", format="mov") as container:
        track = container.add_mux_stream("eia_608", time_base=_MILLISECOND)
        # FFmpeg takes the first packet for the beginning.
        latest = 0
        for time, data in chain([(-LEAD_SECONDS, _NOTHING)], _until(end, pairs)):
            latest = max(latest, round((time + LEAD_SECONDS) / _MILLISECOND))
            packet = av.Packet(_FIRST_FIELD + data)
            packet.stream, packet.time_base, packet.duration = track, _MILLISECOND, 0
            packet.pts = packet.dts = latest
            container.mux(packet)
            latest += 1


def of_channel(name: str, pictures: Iterable[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """The byte pairs of one channel, each with its time."""
    channels = Channels()
    for time, data in pictures:
        yield from ((time, pair.data) for pair in channels.read(data) if pair.channel == name)


def _until(end: float, pairs: Iterable[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    yield from ((time, pair) for time, pair in pairs if time < end)
    yield end, _CLEAR
    # The last packet of a track has no duration, and FFmpeg skips it.
    yield end + 1, _NOTHING
