"""A small ladder, and a source encoded in all its renditions."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.interlacing import with_fields_measured
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import EncodeJob

SMALL = Ladder(
    rungs=(
        Rung(height=54, video_bps=60_000, audio_bps=64_000, preset="ultrafast"),
        Rung(height=108, video_bps=150_000, audio_bps=96_000, preset="ultrafast"),
    )
)
AAC_FRAME = Fraction(1024, 48_000)
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Encoded:
    plan: Plan
    files: dict[str, Path]

    @property
    def pictures(self) -> list[Path]:
        return [self.files[rendition.name] for rendition in self.plan.video]

    @property
    def sounds(self) -> list[Path]:
        return [self.files[rendition.name] for rendition in self.plan.audio]


def small_plan(
    source: Path, binaries: Binaries, options: PlanOptions | None = None, ladder: Ladder = SMALL
) -> Plan:
    described = with_fields_measured(probe(source, binaries.ffprobe), source, binaries.ffmpeg)
    return build_plan(described, ladder, options or PlanOptions())


def job_for(plan: Plan, name: str) -> EncodeJob:
    """The job that makes one rendition, without the others that share it."""
    (job,) = narrowed(plan.jobs, {name})
    return job


def encode_all(
    source: Path,
    directory: Path,
    binaries: Binaries,
    options: PlanOptions | None = None,
    ladder: Ladder = SMALL,
) -> Encoded:
    plan = small_plan(source, binaries, options, ladder)
    files = {item.name: directory / f"{item.name}.mp4" for item in (*plan.video, *plan.audio)}
    files |= {item.name: directory / f"{item.name}.vtt" for item in plan.text}
    for job in plan.jobs:
        encode(job, plan, source, files, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    return Encoded(plan, files)


def encode_best(
    source: Path, output: Path, binaries: Binaries, ladder: Ladder, options: PlanOptions | None = None
) -> Plan:
    """Only the best rendition of the picture, into one file."""
    plan = small_plan(source, binaries, options, ladder)
    name = plan.jobs[0].renditions[0]
    outputs = {name: output}
    encode(
        job_for(plan, name),
        plan,
        source,
        outputs,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return plan
