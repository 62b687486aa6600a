"""Converts one case as a title's run does: probe, plan, encode, package, judge."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.cases import Case
from nightreel.checks.gate import judge_release, raise_if_refused
from nightreel.errors import NightreelError, Rejected
from nightreel.media.encoding import transcode
from nightreel.media.encoding.complaints import judge_encoded
from nightreel.media.inspection.inspect import inspect
from nightreel.media.packaging import package
from nightreel.media.planning.ladder import Ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from nightreel.media.stills import stills
from nightreel.vocabulary.states import Verdict

_DAMAGE_TOLERANCE = 0.01
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a case. `reason` is the sentence that its owner reads; times in seconds."""

    case: Case
    state: Verdict
    code: str = ""
    reason: str = ""
    source: SourceProbe | None = None
    plan: Plan | None = None
    encoded: Mapping[str, Path] = field(default_factory=dict)
    files: int = 0
    rules: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def as_expected(self) -> bool:
        """Whether the case allows how it ended."""
        return self.case.allows(self.state)


@dataclass(frozen=True)
class Way:
    """How every case is converted."""

    binaries: Binaries
    ladder: Ladder
    options: PlanOptions


def convert(case: Case, way: Way, folder: Path, say: Say) -> Outcome:
    """Convert a case into `folder`. Never raises: what is neither published nor refused has failed."""
    began = time.monotonic()
    try:
        outcome = _converted(case, way, folder, say)
    except Rejected as refused:
        outcome = Outcome(case, "quarantined", refused.code, refused.sentence)
    except NightreelError as error:
        outcome = Outcome(case, "failed", type(error).__name__, str(error))
    return replace(outcome, seconds=time.monotonic() - began)


def _converted(case: Case, way: Way, folder: Path, say: Say) -> Outcome:
    say("inspecting")
    source = inspect(case.path, way.binaries, decode_check="sampled", damage_tolerance=_DAMAGE_TOLERANCE)
    plan = build_plan(source, way.ladder, way.options)
    encoded, warnings = _encoded(case, source, plan, way, folder, say)
    say("packaging")
    directory = folder / "release"
    limit = transcode.timeout_for(plan, 1.0)
    told = package.package(plan, encoded, directory, binaries=way.binaries, timeout_seconds=limit)
    stills.write_stills(plan, encoded, directory, ffmpeg_binary=way.binaries.ffmpeg, timeout_seconds=limit)
    say("judging")
    verdict = judge_release(directory, plan, source, source.size_bytes)
    raise_if_refused(verdict)
    return Outcome(
        case,
        "published",
        source=source,
        plan=plan,
        encoded=encoded,
        files=sum(1 for _ in directory.iterdir()),
        rules=sum(len(suite.verdicts) for suite in verdict.suites),
        warnings=(*plan.warnings, *warnings, *told),
    )


def _encoded(
    case: Case, source: SourceProbe, plan: Plan, way: Way, folder: Path, say: Say
) -> tuple[dict[str, Path], tuple[str, ...]]:
    outputs: dict[str, Path] = {}
    warnings: list[str] = []
    for job in plan.jobs:
        say(f"encoding {job.label}")
        made = {name: folder / f"{name}{'.vtt' if job.kind == 'text' else '.mp4'}" for name in job.renditions}
        limit = transcode.timeout_for(plan, 30.0)
        damaged = transcode.encode(
            job, plan, case.path, made, ffmpeg_binary=way.binaries.ffmpeg, timeout_seconds=limit
        )
        warnings.append(judge_encoded(source, job, damaged, _DAMAGE_TOLERANCE))
        outputs |= made
    return outputs, tuple(filter(None, warnings))
