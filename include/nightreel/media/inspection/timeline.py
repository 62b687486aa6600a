"""When a source's pictures are shown, from a full demux: every packet is read, none decoded."""

from array import array
from collections import defaultdict, deque
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from nightreel.figures import timecode as told
from nightreel.media.inspection.boxes import outermost_boxes
from nightreel.media.inspection.frame_rates import steady_rate, sustained_rate
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.inspection.restarts import Clock
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import input_arguments
from nightreel.media.source import Restart

LONGEST_STILL_SECONDS = 1800.0
"""A lecture may show one slide this long; a longer gap is a wrong timestamp."""
LONGEST_SECONDS = 48 * 3600.0
MOST_PACKETS = 50_000_000
"""In all tracks: enough for LONGEST_SECONDS of a picture at 60 frames a second, and of two sounds."""

_DEMUX_TIMEOUT_SECONDS = 1800.0
# Messages of FFmpeg's MP4 and Matroska demuxers; its decoders also report truncated data.
_CUT_OFF_MESSAGES = ("partial file", "file ended prematurely")
_FRAMES_TIMED = 100_000
"""The first hour: enough to know the rate, without keeping the times of a whole night's recording."""
_MISSING_SHARE = 0.01
_MISSING_FRAMES = 2
_MISSING_SECONDS = 2.0


class Span(BaseModel):
    """What one track contains. Times in seconds on the container's clock."""

    model_config = ConfigDict(frozen=True)

    packets: int = 0
    """Those that are shown or heard."""
    start: float = 0.0
    end: float = 0.0
    lasting: float = 0.0
    """The sum of all packets' durations: less than from start to end if there are gaps."""


@dataclass
class _Tally:
    """A span that is still being counted."""

    packets: int = 0
    start: float = float("inf")
    end: float = float("-inf")
    lasting: float = 0.0

    def add(self, shown: float | None, duration: float, flags: str) -> None:
        if shown is None or "D" in flags:
            return
        self.packets += 1
        self.start = min(self.start, shown)
        self.end = max(self.end, shown + duration)
        self.lasting += duration

    @property
    def span(self) -> Span:
        return Span(**vars(self)) if self.packets else Span()


class Timeline(BaseModel):
    """When one picture track is shown. Times in seconds on the container's clock."""

    model_config = ConfigDict(frozen=True)

    start: float
    """When the first picture is shown."""
    end: float
    """When the last picture ends."""
    frames: int
    """Packets that are shown."""
    packets: int
    """All of them, including those before an edit list's cut."""
    latest: float
    """End of the last packet of any track."""
    spans: dict[int, Span] = {}
    """All tracks with any packets, by index."""
    gap: float = 0.0
    """The longest time without a new picture."""
    gap_start: float = 0.0
    sustained_rate: Fraction | None = None
    """See `frame_rates.sustained_rate`."""
    steady_rate: Fraction | None = None
    """See `frame_rates.steady_rate`."""
    restarts: tuple[Restart, ...] = ()
    said: tuple[str, ...] = ()

    def later(self, seconds: float, index: int) -> "Timeline":
        """The same timeline, with the picture of track `index` this much later."""
        span = self.spans[index]
        moved = span.model_copy(update={"start": span.start + seconds, "end": span.end + seconds})
        return self.model_copy(
            update={
                "start": self.start + seconds,
                "end": self.end + seconds,
                "latest": max(self.latest, self.end + seconds),
                "gap_start": self.gap_start + seconds,
                "spans": self.spans | {index: moved},
            }
        )

    @property
    def filled(self) -> frozenset[int]:
        """The indexes of the tracks with any packets."""
        return frozenset(self.spans)

    @property
    def cut_off(self) -> bool:
        """Whether the file ends in the middle of something."""
        return any(message in line.lower() for line in self.said for message in _CUT_OFF_MESSAGES)


def demux(path: Path, ffprobe: str, video_index: int, *, edited: bool = True) -> Timeline:
    """Read every packet of all tracks once: the sound may be what is missing.

    `edited` applies edit lists. Raises SourceRejected (`too_many_packets`), and EncoderFailed when ffprobe is
    killed or takes too long.
    """
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    command = [ffprobe, "-v", "error", "-of", "csv=p=0", "-show_entries"]
    command += ["packet=stream_index,pts_time,dts_time,duration_time,pos,flags"]
    command += [] if edited else ["-ignore_editlist", "1"]
    command += input_arguments(path)
    start, end, latest, frames, packets = float("inf"), float("-inf"), 0.0, 0, 0
    gap = gap_start = 0.0
    times = array("d")
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    clock = Clock()
    sandbox = Sandbox(reads=(path,))
    packets_told = process.lines(
        command, timeout_seconds=_DEMUX_TIMEOUT_SECONDS, sandbox=sandbox, stderr=said
    )
    for number, line in enumerate(packets_told):
        if number >= MOST_PACKETS:
            raise Refusal.TOO_MANY_PACKETS.because(most=MOST_PACKETS)
        index, pts, dts, lasts, at, flags, *_ = [*line.split(","), *("",) * 5]
        shown, duration = seconds(pts), seconds(lasts) or 0.0
        shift = clock.shift(
            index,
            shown=shown,
            decoded=seconds(dts),
            lasts=duration,
            at=int(at) if at.isdigit() else None,
        )
        shown = None if shown is None else shown + shift
        tallies[index].add(shown, duration, flags)
        if shown is not None:
            latest = max(latest, shown + duration)
        if index != str(video_index):
            continue
        packets += 1
        if shown is None or "D" in flags:
            continue
        frames += 1
        if frames <= _FRAMES_TIMED:
            times.append(shown)
        # Pictures come in decoding order, a few frames away from display order.
        if frames > 1 and shown - end > gap:
            gap, gap_start = shown - end, end
        if duration > gap:
            gap, gap_start = duration, shown
        start = min(start, shown)
        end = max(end, shown + duration)
    return Timeline(
        start=start if frames else 0.0,
        end=end if frames else 0.0,
        frames=frames,
        packets=packets,
        latest=latest,
        spans={int(index): tally.span for index, tally in tallies.items() if index.isdigit()},
        gap=gap,
        gap_start=gap_start,
        sustained_rate=sustained_rate(times),
        steady_rate=steady_rate(times),
        restarts=tuple(clock.restarts),
        said=tuple(said),
    )


def require_whole(
    timeline: Timeline, path: Path, ffprobe: str, described: dict[str, Any], index: int
) -> None:
    """Raises SourceRejected when the file contains less than it promises.

    `described` is ffprobe's answer, `index` that of the picture track.
    """
    of_boxes = "mov" in described["format"].get("format_name", "").split(",")
    stream = next(each for each in described["streams"] if each["index"] == index)
    # AVI counts frames that it leaves out too.
    frames = int(stream.get("nb_frames", 0) or 0) if of_boxes else 0
    lasts = seconds(described["format"].get("duration")) or 0.0
    found = timeline
    if not timeline.cut_off and _fewer(timeline.packets, frames):
        # An edit list may omit them on purpose.
        found = demux(path, ffprobe, index, edited=False)
    ends_early = of_boxes and _ends_early(path)
    if frames:
        missing = _fewer(found.packets, frames)
    else:
        missing = ends_early or timeline.latest < lasts * (1 - _MISSING_SHARE) - _MISSING_SECONDS
    if not (found.cut_off or missing):
        return
    promised = [f"{lasts:.1f} s"] * bool(lasts) + [f"{frames} frames"] * bool(frames)
    # Other formats have no index that a player needs.
    reason = Refusal.BROKEN_INDEX if frames and not ends_early else Refusal.TRUNCATED
    raise reason.because(
        promised=" and ".join(promised) or "more",
        held=f"{max(0.0, timeline.end):.1f} s and {found.packets} frames",
    )


def require_sane(timeline: Timeline, file_start: float, held: float = 0.0) -> None:
    """Raises SourceRejected for a picture without frames, or with impossible times."""
    first = min(file_start, timeline.start)
    duration = timeline.end + held - first
    if timeline.frames == 0 or duration <= 0:
        raise Refusal.EMPTY_VIDEO.because()
    gap, before = max((timeline.gap, timeline.gap_start), (timeline.start - first, first))
    if gap > LONGEST_STILL_SECONDS:
        raise Refusal.TIME_GAP.because(before=told(before - first), gap=told(gap))
    if duration > LONGEST_SECONDS:
        raise Refusal.TOO_LONG.because(duration=told(duration), most=told(LONGEST_SECONDS))


def seconds(text: str | None) -> float | None:
    """A time as ffprobe writes it; None if it gives none."""
    try:
        return float(text) if text not in (None, "", "N/A") else None
    except ValueError:
        return None


def _fewer(packets: int, promised: int) -> bool:
    return packets < promised * (1 - _MISSING_SHARE) - _MISSING_FRAMES


def _ends_early(path: Path) -> bool:
    """Whether the media data of an MP4 extend past the end of the file."""
    size = path.stat().st_size
    return any(box.end > size for box in outermost_boxes(path) if box.kind in ("moof", "mdat"))
