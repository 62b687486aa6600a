"""Clips for the copy of sounds, and what is planned of them."""

from fractions import Fraction
from pathlib import Path

import av

from nightreel.media.inspection.coded_picture import with_coding
from nightreel.media.inspection.coded_sound import with_sound_coding
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.copied import own_grid
from nightreel.media.planning.copied_sounds import with_copied_sounds
from nightreel.media.planning.copying import CopyLimits, copying
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from tests.media.encoded import SMALL


def heard(path: Path, binaries: Binaries) -> SourceProbe:
    """The source as `inspect` describes it for copying both picture and sounds, without a decode check."""
    return with_sound_coding(with_coding(probe(path, binaries.ffprobe), path), path)


def planned(source: SourceProbe) -> Plan:
    """On the source's own grid where it has one."""
    grid = own_grid(copying(source, CopyLimits()), 6.0)
    return with_copied_sounds(build_plan(source, SMALL, PlanOptions(), grid), source)


def sound_packets(path: Path, stream: int = 0) -> list[tuple[Fraction, bytes]]:
    """When each packet of a track is heard, in seconds of the file's clock, and its bytes."""
    with av.open(str(path)) as container:
        track = container.streams[stream]
        assert track.time_base is not None
        unit = track.time_base
        return [((each.pts or 0) * unit, bytes(each)) for each in container.demux(track) if each.size]
