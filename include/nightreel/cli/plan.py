"""`plan`: what would be made of a file."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from nightreel.errors import NightreelError
from nightreel.figures import clock
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.copied import own_grid
from nightreel.media.planning.copied_sounds import with_copied_sounds
from nightreel.media.planning.copying import Copying, copying
from nightreel.media.planning.cuts import cuts
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, build_plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.renditions import AudioRendition, Rendition, VideoRendition
from nightreel.media.source import SourceProbe
from nightreel.orchestration.conversion.plan_options import copies_sounds, copy_limits, plan_options
from nightreel.settings import load_settings
from nightreel.text import one_line

_LONGEST = 1000
"""How many characters of a sentence are shown: it may quote names within the file."""


def plan(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A video on this machine.")],
    as_json: Annotated[bool, typer.Option("--json", help="One object, for programs.")] = False,
) -> None:
    """Show what would be made of a file: its renditions, and whether picture and sounds may be copied.

    Reads the whole file and decodes a part of it, as a night does, by the same settings. Writes nothing,
    and needs neither catalog nor bucket.

      nightreel plan film.mp4

      nightreel plan film.mp4 --json
    """
    if not file.is_file():
        raise NightreelError(f"{file}: there is no such file")
    options = load_settings()
    source = inspect(
        file.resolve(),
        find_binaries(options.ffmpeg, options.ffprobe, options.packager),
        decode_check=options.decode_check,
        damage_tolerance=options.damage_tolerance,
        for_copying=True,
        sounds_for_copying=copies_sounds(options),
    )
    chosen = plan_options(options, encrypted=options.encrypt, sound=True)
    verdict = copying(source, copy_limits(options))
    # On the grid of a copied picture, the title may begin a little later.
    copied = options.copy_pictures and options.container == "cmaf"
    grid = own_grid(verdict, options.segment_seconds) if copied else None
    planned = build_plan(source, load_ladder(options.ladder), chosen, grid)
    if copies_sounds(options):
        planned = with_copied_sounds(planned, source)
    if as_json:
        facts = _facts(file, source, planned, verdict, chosen.segment_seconds)
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for line in _lines(file, source, planned, verdict, chosen.segment_seconds):
        typer.echo(one_line(line, _LONGEST))


def _lines(
    file: Path, source: SourceProbe, planned: Plan, verdict: Copying, segment_seconds: float
) -> Iterator[str]:
    video = source.video
    width, height = video.display_size
    yield (
        f"{file.name}: {video.codec}, {width}×{height}, {float(planned.frame_rate):.5g} frames a second, "
        f"{clock(source.duration)}"
    )
    yield from (_line(rendition) for rendition in planned.renditions)
    yield from planned.warnings
    yield from planned.not_copied
    if not verdict.may:
        yield from verdict.reasons
        return
    lengths = _segment_lengths(verdict, segment_seconds)
    yield (
        f"Its picture may be copied: keyframes: {len(verdict.keyframes)}; segments: {len(lengths)}, "
        f"of {min(lengths):.2f} to {max(lengths):.2f} s."
    )


def _line(rendition: Rendition) -> str:
    if isinstance(rendition, VideoRendition):
        size = f"{rendition.width}×{rendition.height}"
        return f"{rendition.name}: {rendition.codec}, {size}, {_rate(rendition)}"
    if isinstance(rendition, AudioRendition):
        made = f"{rendition.name}: aac, {rendition.channels} channels, {rendition.audio_bps / 1000:.0f} kb/s"
        return f"{made}, copied" if rendition.copied else made
    return f"{rendition.name}: webvtt"


def _rate(rendition: VideoRendition) -> str:
    rate = f"{rendition.video_bps / 1000:.0f} kb/s"
    return rate if rendition.target_vmaf is None else f"VMAF {rendition.target_vmaf:g} in at most {rate}"


def _segment_lengths(verdict: Copying, segment_seconds: float) -> list[float]:
    """In seconds, as a copied picture would be cut; empty if it may not be copied."""
    if not verdict.may or verdict.frame_rate is None:
        return []
    chosen = cuts(verdict.keyframes, verdict.frames, verdict.frame_rate, segment_seconds)
    return [float((end - start) / verdict.frame_rate) for start, end in pairwise((*chosen, verdict.frames))]


def _facts(
    file: Path, source: SourceProbe, planned: Plan, verdict: Copying, segment_seconds: float
) -> dict[str, Any]:
    return {
        "file": str(file),
        "container": source.container,
        "duration_seconds": source.duration,
        "picture": source.video.model_dump(mode="json"),
        "frame_rate": str(planned.frame_rate),
        "renditions": [rendition.model_dump(mode="json") for rendition in planned.renditions],
        "warnings": list(planned.warnings),
        "copying": {
            **verdict.model_dump(mode="json"),
            "segment_seconds": _segment_lengths(verdict, segment_seconds),
            "sounds_not_copied": list(planned.not_copied),
        },
    }
