"""What each title's own quality saves over the ladder's fixed rates, rendition by rendition.

python -m bench.quality
"""

import os
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer

from bench.console import say, stage
from bench.machine import Machine
from bench.quality_report import Found, Made, Title, as_json, tables
from bench.sources import NoFilm, real_titles
from nightreel.cli.console import console
from nightreel.errors import NightreelError
from nightreel.media.encoding.comparison import Window, compare, measurable, seekable_frames
from nightreel.media.encoding.crf_choice import ChosenQuality
from nightreel.media.encoding.transcode import encode
from nightreel.media.encoding.trial_encodes import choose_qualities
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.settings import load_settings

_LIMIT_SECONDS = 4 * 3600.0
_COMPARED_SECONDS = 60.0
"""At a time, so that no comparison takes more than a program may."""
_EVERY = 4
"""Every fourth frame is compared."""


@dataclass(frozen=True)
class _Bench:
    """A title, and where its files go."""

    source: Path
    plan: Plan
    folder: Path
    binaries: Binaries

    @property
    def job(self) -> EncodeJob:
        """All of its pictures."""
        return EncodeJob(
            kind="video",
            renditions=tuple(item.name for item in self._pictures),
            start_frame=0,
            end_frame=self.plan.frames,
        )

    @property
    def _pictures(self) -> tuple[VideoRendition, ...]:
        return self.plan.video

    def measured(self) -> Title:
        """The title at the ladder's rates, and at its own."""
        fixed_cpu, fixed = self._encoded("fixed", {})
        before = _cpu()
        with stage("  trials"):
            chosen = choose_qualities(
                self.job,
                self.plan,
                self.source,
                self.folder,
                ffmpeg_binary=self.binaries.ffmpeg,
                encoders={},
                cores=_cores(),
            )
        trials_cpu = _cpu() - before
        crfs = {name: each.crf for name, each in chosen.items() if each.crf is not None}
        target_cpu, target = self._encoded("target", crfs)
        made = tuple(self._made(item.name, fixed, target, chosen) for item in self._pictures)
        return Title(self.source.name, self.plan.duration, fixed_cpu, target_cpu, trials_cpu, made)

    def _encoded(self, kind: str, crfs: Mapping[str, float]) -> tuple[float, dict[str, tuple[int, float]]]:
        """CPU seconds of the encode; bytes and VMAF of each rendition."""
        files = {item.name: self.folder / f"{kind}_{item.name}.mp4" for item in self._pictures}
        before = _cpu()
        with stage(f"  {kind}"):
            encode(
                self.job,
                self.plan,
                self.source,
                files,
                ffmpeg_binary=self.binaries.ffmpeg,
                timeout_seconds=_LIMIT_SECONDS,
                cores=_cores(),
                crfs=crfs,
            )
        cpu = _cpu() - before
        with stage("  its VMAF"):
            scores = self._scores(files)
        return cpu, {name: (path.stat().st_size, scores.get(name, 0.0)) for name, path in files.items()}

    def _scores(self, files: Mapping[str, Path]) -> dict[str, float]:
        pictures = [item for item in self._pictures if measurable(item)]
        found: dict[str, list[float]] = {item.name: [] for item in pictures}
        for window in _windows(self.plan):
            for name, scores in compare(
                self.plan,
                pictures,
                self.source,
                files,
                window,
                ffmpeg_binary=self.binaries.ffmpeg,
                every=_EVERY,
            ).items():
                found[name] += scores
        return {name: fmean(scores) for name, scores in found.items() if scores}

    def _made(
        self,
        name: str,
        fixed: Mapping[str, tuple[int, float]],
        target: Mapping[str, tuple[int, float]],
        chosen: Mapping[str, ChosenQuality],
    ) -> Made:
        choice = chosen[name]
        return Made(name, *fixed[name], *target[name], choice.crf, choice.vmaf_expected)


def _windows(plan: Plan) -> Iterator[Window]:
    """All of the title, in parts."""
    step = round(_COMPARED_SECONDS * plan.frame_rate)
    frames = seekable_frames(plan)
    yield from (Window(first, min(frames, first + step)) for first in range(0, frames, step))


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _cpu() -> float:
    """Of the programs that ran."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(sources: list[Path], say: Callable[[str], None]) -> Found:
    """Measures each title by FFmpeg alone, without a stack. Raises NoFilm and what media raises."""
    load = os.getloadavg()[0]
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    ladder = load_ladder(options.ladder).model_copy(update={"quality": "target"})
    titles = []
    with tempfile.TemporaryDirectory(prefix="nightreel-bench-") as folder:
        for number, source in enumerate(sources or real_titles(Path(folder), binaries, say), 1):
            say(f"Title {number}: {source.name}")
            own = Path(folder) / str(number)
            own.mkdir()
            plan = build_plan(
                inspect(source, binaries, decode_check="off", damage_tolerance=1.0), ladder, PlanOptions()
            )
            titles.append(_Bench(source, plan, own, binaries).measured())
    return Found(Machine.here(load, binaries), tuple(titles))


def bench(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, help="Titles. [default: ten real ones]"),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write every measurement into this file.")] = None,
) -> None:
    """Encode real titles at the ladder's rates and at their own, and compare bytes and VMAF.

    make bench CASE=quality

    python -m bench.quality film.mp4
    """
    try:
        found = measure(sources or [], say)
    except (NoFilm, NightreelError) as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    if json is not None:
        json.write_text(as_json(found) + "\n")
    console().print(tables(found))


if __name__ == "__main__":
    typer.run(bench)
