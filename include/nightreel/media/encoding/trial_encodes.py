"""Per-title encoding: a few places of a title are encoded on trial, and compared with the source.

From them follows with which quality each rendition meets its target of VMAF.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from nightreel.media.encoding.comparison import Window, compare, measurable, opened_at, seekable_frames
from nightreel.media.encoding.crf_choice import (
    SCALES,
    ChosenQuality,
    Trial,
    chosen,
    first_guess,
    mean_trial,
    untried,
)
from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.outputs import command_line, picture_outputs
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.renditions import EncodeJob, VideoRendition

_WINDOW_SECONDS = 1.0
_WINDOW_SHARE = 1 / 6
"""Of a short title, no window is more."""
_SECONDS_A_PLACE = 60.0
"""Of the title: so the trials of a long one take about a twentieth of what its encode takes."""
_MOST_PLACES = 24
_FEWEST_PLACES = 2
_PLACES_A_SECOND_TRIAL = 3
"""Every third place is tried twice."""
_EVERY = 4
"""Every fourth frame is compared."""
_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True)
class _Place:
    """What one window of one rendition came to."""

    vmafs: Sequence[float]
    bits: int
    frames: int


def choose_qualities(
    job: EncodeJob,
    plan: Plan,
    source: Path,
    folder: Path,
    *,
    ffmpeg_binary: str,
    encoders: Mapping[str, Encoder],
    cores: int = 0,
    on_progress: Callable[[process.Progress], None] | None = None,
) -> dict[str, ChosenQuality]:
    """How to encode the job's pictures that have a target, by name; not those of encoders in hardware.

    Writes only into a temporary folder within `folder`. Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    pictures = with_target(job, plan, encoders)
    places = windows(plan)
    tried = [item for item in pictures if measurable(item)]
    run = partial(process.run, timeout_seconds=_TIMEOUT_SECONDS, on_progress=on_progress)
    trials = _Trials(plan, source, folder, ffmpeg_binary, encoders, cores, run)
    return {item.name: untried(item) for item in pictures} | _chosen(tried, places, trials)


def windows(plan: Plan) -> list[Window]:
    """The places that are tried, evenly spread."""
    frames = seekable_frames(plan)
    seconds = float(frames / plan.frame_rate)
    count = max(_FEWEST_PLACES, min(_MOST_PLACES, round(seconds / _SECONDS_A_PLACE)))
    length = max(1, round(min(_WINDOW_SECONDS, seconds * _WINDOW_SHARE) * plan.frame_rate))
    firsts = [round((number + 0.5) / count * (frames - length)) for number in range(count)]
    return [Window(first, first + length) for first in firsts]


def with_target(job: EncodeJob, plan: Plan, encoders: Mapping[str, Encoder]) -> list[VideoRendition]:
    """The job's pictures whose quality is chosen: encoders in hardware keep to the ladder's rates."""
    pictures = (item for item in map(plan.rendition, job.renditions) if isinstance(item, VideoRendition))
    return [
        item
        for item in pictures
        if item.target_vmaf is not None
        and (item.name not in encoders or encoders[item.name].family == "software")
    ]


def _chosen(
    pictures: Sequence[VideoRendition], places: Sequence[Window], trials: "_Trials"
) -> dict[str, ChosenQuality]:
    first = trials.at({item.name: SCALES[item.codec].first for item in pictures}, places)
    found = [item for item in pictures if item.name in first]
    guesses = {item.name: first_guess(item, first[item.name].of_all()) for item in found}
    second = trials.at(guesses, places[::_PLACES_A_SECOND_TRIAL])
    return {
        item.name: chosen(item, first[item.name].of_all(), _pair(first[item.name], second.get(item.name)))
        for item in found
    }


def _pair(first: "_Tried", second: "_Tried | None") -> tuple[Trial, Trial] | None:
    """Two trials of the same places."""
    both = [] if second is None else [window for window in second.places if window in first.places]
    if second is None or not both:
        return None
    return first.of(both), second.of(both)


@dataclass(frozen=True)
class _Tried:
    """What a rendition came to at a quality, by place."""

    crf: float
    rate: float
    """Frames per second."""
    places: Mapping[Window, _Place]

    def of(self, windows: Sequence[Window]) -> Trial:
        """Of some places together."""
        some = [self.places[window] for window in windows]
        vmafs = [score for place in some for score in place.vmafs]
        seconds = sum(place.frames for place in some) / self.rate
        return mean_trial(self.crf, vmafs, sum(place.bits for place in some), seconds)

    def of_all(self) -> Trial:
        return self.of(list(self.places))


@dataclass(frozen=True)
class _Trials:
    """Encodes places of a title, and compares them."""

    plan: Plan
    source: Path
    folder: Path
    ffmpeg: str
    encoders: Mapping[str, Encoder]
    cores: int
    run: Callable[..., str]

    def at(self, crfs: Mapping[str, float], places: Sequence[Window]) -> dict[str, _Tried]:
        """The renditions at these qualities, by name; without those of which FFmpeg found no frame."""
        found: dict[str, dict[Window, _Place]] = {name: {} for name in crfs}
        for window in places if crfs else ():
            for name, place in self._tried(crfs, window).items():
                found[name][window] = place
        rate = float(self.plan.frame_rate)
        return {name: _Tried(crfs[name], rate, each) for name, each in found.items() if each}

    def _tried(self, crfs: Mapping[str, float], window: Window) -> dict[str, _Place]:
        opened = opened_at(window, self.plan, self.source, list(crfs))
        # Their own keyframes are those of other frames.
        plan = opened.plan.model_copy(update={"keyframes": (), "cuts": ()})
        with TemporaryDirectory(dir=self.folder, prefix="trial-") as name:
            files = {each: Path(name) / f"{each}.mp4" for each in crfs}
            outputs = picture_outputs(
                opened.picture, plan, opened.job, files, self.encoders, cores=self.cores, crfs=crfs
            )
            sandbox = Sandbox(reads=(self.source,), writes=(Path(name),))
            self.run(command_line(outputs, self.ffmpeg), sandbox=sandbox)
            scores = self._compared(files, window)
            return {
                each: _Place(scores[each], path.stat().st_size * 8, window.frames)
                for each, path in files.items()
                if scores[each]
            }

    def _compared(self, files: Mapping[str, Path], window: Window) -> dict[str, list[float]]:
        pictures = [item for item in self.plan.video if item.name in files]
        return compare(
            self.plan,
            pictures,
            self.source,
            files,
            window,
            ffmpeg_binary=self.ffmpeg,
            begins=window.first,
            every=_EVERY,
        )
