"""Makes a first release of a clip by copying its picture, completes it, and has the gate judge both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.cases import Case
from corpus.copies.comparing import differences
from corpus.outcome import Say, Way
from nightreel.checks.gate import judge_release
from nightreel.errors import NightreelError, Rejected
from nightreel.media.encoding.copied_picture import copy_picture
from nightreel.media.encoding.copied_sound import copy_sound
from nightreel.media.encoding.transcode import encode, timeout_for
from nightreel.media.inspection.inspect import inspect
from nightreel.media.packaging.package import package
from nightreel.media.planning.copied import copied_names, copied_rendition, first_copy, own_grid, with_copy
from nightreel.media.planning.copied_sounds import with_copied_sounds
from nightreel.media.planning.copying import CopyLimits, copying
from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.planning.plan import Plan, build_plan
from nightreel.media.renditions import AudioRendition, Rendition
from nightreel.media.source import SourceProbe
from nightreel.media.stills.stills import write_stills

COPIED = "copied"
NO_TITLE = "No title can be made on its keyframes."
_DAMAGE_TOLERANCE = 0.01
_TIMEOUT_FACTOR = 30.0
_FIRST_RELEASE_LINES = 720


@dataclass(frozen=True)
class Copied:
    """What became of a clip: copied, unless there are `reasons` against it. `faults` are those of the copy.

    `plan` and `directory` are those of its first release, if it has one, and `complete` is the plan of all.
    `encoded` has the files of all tracks, by name. `players` has what went wrong in each, or nothing.
    """

    case: Case
    reasons: tuple[str, ...] = ()
    plan: Plan | None = None
    directory: Path | None = None
    complete: Plan | None = None
    encoded: Mapping[str, Path] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    players: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_expected(self) -> bool:
        """Whether it was copied, or not for the expected reason, and the copy is without fault."""
        if self.faults or any(self.players.values()):
            return False
        if self.case.expected in ("", COPIED):
            return not (self.case.expected and self.reasons)
        return any(self.case.expected in reason for reason in self.reasons)


def copy(case: Case, way: Way, folder: Path, say: Say) -> Copied:
    """Both releases of a case, in `folder`; the complete one has lower renditions too. Never raises."""
    try:
        say("inspecting")
        source = inspect(
            case.path,
            way.binaries,
            decode_check="sampled",
            damage_tolerance=_DAMAGE_TOLERANCE,
            for_copying=True,
            sounds_for_copying=True,
        )
    except Rejected as refused:
        return Copied(case, (refused.sentence,))
    verdict = copying(source, CopyLimits(codecs=way.options.codecs, hdr=way.options.hdr))
    grid = own_grid(verdict, way.options.segment_seconds)
    if grid is None:
        return Copied(case, verdict.reasons or (NO_TITLE,))
    whole = with_copied_sounds(build_plan(source, way.ladder, way.options, grid), source)
    copied = copied_rendition(source, whole)
    first, complete = first_copy(whole, copied, _FIRST_RELEASE_LINES), with_copy(whole, copied)
    encoded: dict[str, Path] = {}
    made = Copied(case, (), first, folder / "first", complete, encoded)
    folder.mkdir(parents=True)
    try:
        faults: list[str] = []
        for plan, directory in ((first, folder / "first"), (complete, folder / "complete")):
            say(f"making the {directory.name} release")
            _make(plan, case.path, source, encoded, directory, way)
            verdicts = judge_release(directory, plan, source, source.size_bytes)
            faults += [f"{directory.name}: {failure}" for failure in verdicts.failures]
        say("comparing")
        return replace(made, faults=(*faults, *differences(case.path, source, first, folder / "first")))
    except NightreelError as error:
        return replace(made, directory=None, faults=(f"{type(error).__name__}: {error}",))


def _make(
    plan: Plan, path: Path, source: SourceProbe, encoded: dict[str, Path], directory: Path, way: Way
) -> None:
    """Writes a release. `encoded` has the tracks that there are already, and gets the others."""
    limit = timeout_for(plan, _TIMEOUT_FACTOR)
    for job in plan.jobs:
        suffix = "vtt" if job.kind == "text" else "mp4"
        made = {
            name: directory.with_name(f"{name}.{suffix}") for name in job.renditions if name not in encoded
        }
        if not made:
            continue
        if copied := next((plan.rendition(name) for name in made if name in copied_names(plan)), None):
            _copy(copied, plan, path, source, made[copied.name], way)
        else:
            (missing,) = narrowed([job], made)
            encode(missing, plan, path, made, ffmpeg_binary=way.binaries.ffmpeg, timeout_seconds=limit)
        encoded |= made
    package(plan, encoded, directory, binaries=way.binaries, timeout_seconds=limit)
    write_stills(plan, encoded, directory, ffmpeg_binary=way.binaries.ffmpeg, timeout_seconds=limit)


def _copy(copied: Rendition, plan: Plan, path: Path, source: SourceProbe, output: Path, way: Way) -> None:
    if isinstance(copied, AudioRendition):
        limit = timeout_for(plan, 1.0)
        copy_sound(path, output, plan, copied, ffmpeg_binary=way.binaries.ffmpeg, timeout_seconds=limit)
        return
    copy_picture(
        path,
        output,
        stream=plan.video_stream,
        codec=next(item.codec for item in plan.video if item.copied),
        frame_rate=plan.frame_rate,
        reordering=source.coded.reordering if source.coded else 0,
        ffmpeg_binary=way.binaries.ffmpeg,
        timeout_seconds=timeout_for(plan, 1.0),
    )
