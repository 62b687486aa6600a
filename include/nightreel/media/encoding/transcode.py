"""Encode jobs: one run of FFmpeg makes one MP4 per rendition, all cut at the same frames.

The command is built in the order in which FFmpeg reads it. Packaging comes later.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nightreel.media.encoding import subtitles
from nightreel.media.encoding.caption_track import write_caption_track
from nightreel.media.encoding.complaints import Complaints
from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.loudness import UNCHANGED, Adjustment, adjustment_to, loudness_said
from nightreel.media.encoding.outputs import AT_LADDER_RATES, SOFTWARE, command_line, picture_outputs
from nightreel.media.encoding.picture import UNCHANGED_FILTERS, decoding, prepared_picture
from nightreel.media.encoding.running_on import running_on
from nightreel.media.encoding.sound import audio_output, may_clip, measuring_output
from nightreel.media.encoding.steady_sound import run_sound
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import AudioRendition, EncodeJob, Rendition, TextRendition

MINIMUM_TIMEOUT_SECONDS = 600.0

_AS_IT_IS: Mapping[str, Adjustment] = MappingProxyType({})


def encode(
    job: EncodeJob,
    plan: Plan,
    source: Path,
    outputs: Mapping[str, Path],
    *,
    ffmpeg_binary: str,
    timeout_seconds: float,
    encoders: Mapping[str, Encoder] = SOFTWARE,
    cores: int = 0,
    crfs: Mapping[str, float] = AT_LADDER_RATES,
    on_progress: Callable[[process.Progress], None] | None = None,
) -> int:
    """Run a job. `outputs` has one path per rendition of the job, by name.

    `encoders` has the encoders of pictures, by name; renditions without one are encoded in software. Several
    share this many `cores`; 0 leaves the number of their threads to them. `crfs` has what
    `trial_encodes.choose_qualities` chose; pictures that are not in it get the ladder's average rate.
    Returns how many frames of the source its decoder repaired or refused.
    Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    sounds = [sound for sound in plan.audio if sound.name in job.renditions]
    adjustments = {
        sound.name: _adjustment(plan, sound, source, ffmpeg_binary, timeout_seconds) for sound in sounds
    }
    complaints = Complaints()
    run = partial(
        process.run,
        timeout_seconds=timeout_seconds,
        on_progress=on_progress,
        on_stderr=complaints,
        sandbox=Sandbox(
            reads=(source,),
            writes=tuple({path.parent for path in outputs.values()}),
            devices=_on_hardware(encoders),
        ),
        # A driver maps all of its device's memory, and more, into the program's address space.
        memory_bytes=0 if _on_hardware(encoders) else None,
    )
    for captions in _captions(job, plan):
        track = subtitles.caption_track(outputs[captions.name])
        write_caption_track(track, source, captions, plan.duration)
    command = encode_command(job, plan, source, outputs, ffmpeg_binary, encoders, adjustments, cores, crfs)
    if sounds:
        run_sound(command, sounds, run)
    else:
        run(command)
    if job.kind == "text":
        for name in job.renditions:
            subtitles.finish(outputs[name])
    return complaints.damaged


def _adjustment(
    plan: Plan, rendition: AudioRendition, source: Path, ffmpeg_binary: str, timeout_seconds: float
) -> Adjustment:
    """How to bring a sound to the plan's loudness, measured on everything that will be encoded."""
    if plan.loudness_lufs is None:
        return Adjustment(limited=may_clip(rendition))
    command = (
        measuring_output(graph_input(source, **_from_first_frame(plan, [rendition])), plan, rendition)
        .global_args("-hide_banner", "-nostdin", "-loglevel", "info", "-nostats")
        .compile(cmd=ffmpeg_binary)
    )
    run = partial(process.run, timeout_seconds=timeout_seconds, sandbox=Sandbox(reads=(source,)))
    said = run_sound(command, [rendition], run)
    return adjustment_to(plan.loudness_lufs, loudness_said(said))


def _on_hardware(encoders: Mapping[str, Encoder]) -> bool:
    return any(encoder.family != "software" for encoder in encoders.values())


def timeout_for(plan: Plan, factor: float) -> float:
    """Seconds an encode may take: `factor` per second of the title, and ten minutes."""
    return MINIMUM_TIMEOUT_SECONDS + factor * plan.duration


def encode_command(
    job: EncodeJob,
    plan: Plan,
    source: Path,
    outputs: Mapping[str, Path],
    ffmpeg_binary: str,
    encoders: Mapping[str, Encoder] = SOFTWARE,
    adjustments: Mapping[str, Adjustment] = _AS_IT_IS,
    cores: int = 0,
    crfs: Mapping[str, float] = AT_LADDER_RATES,
) -> list[str]:
    """The command line of a job; see `encode`. `adjustments` has the levels of the sounds, by name."""
    streams = _input(job, plan, source, outputs)
    if job.kind == "video":
        picture = prepared_picture(streams[str(plan.video_stream)], plan, job)
        made = picture_outputs(picture, plan, job, outputs, encoders, cores=cores, crfs=crfs)
    else:
        made = [
            _other_output(streams, plan, name, outputs[name], adjustments.get(name, UNCHANGED))
            for name in job.renditions
        ]
    return command_line(made, ffmpeg_binary, encoders)


def _input(job: EncodeJob, plan: Plan, source: Path, outputs: Mapping[str, Path]) -> Any:
    if captions := _captions(job, plan):
        return subtitles.captions_input(outputs[captions[0].name])
    return graph_input(source, **_input_options(job, plan))


def _captions(job: EncodeJob, plan: Plan) -> list[TextRendition]:
    """The closed captions among the job's texts."""
    return [text for text in plan.text if text.name in job.renditions and text.channel]


def _input_options(job: EncodeJob, plan: Plan) -> dict[str, Any]:
    if job.kind == "text":
        wanted = [text for text in plan.text if text.name in job.renditions]
        return subtitles.input_options(wanted) | running_on(plan)
    steady = UNCHANGED_FILTERS if job.kind == "video" and plan.canvas else {}
    return _from_first_frame(plan, [plan.rendition(name) for name in job.renditions]) | steady


def _from_first_frame(plan: Plan, renditions: Iterable[Rendition]) -> dict[str, Any]:
    """FFmpeg's input options for pictures and sounds: starting with the title's first frame."""
    tracks = {track for rendition in renditions for track in _tracks(plan, rendition)}
    moved = plan.time_zero(tracks) - plan.lead
    start = {"itsoffset": f"{moved:.6f}"} if moved else {}
    return decoding(plan) | running_on(plan) | start


def _tracks(plan: Plan, rendition: Rendition) -> tuple[int, ...]:
    """The source's tracks that a rendition is made of."""
    if isinstance(rendition, AudioRendition):
        return (rendition.stream, *rendition.joined)
    return (rendition.stream if isinstance(rendition, TextRendition) else plan.video_stream,)


def _other_output(streams: Any, plan: Plan, name: str, path: Path, adjustment: Adjustment) -> Any:
    rendition = plan.rendition(name)
    if isinstance(rendition, TextRendition):
        return subtitles.text_output(streams, rendition, path)
    assert isinstance(rendition, AudioRendition)  # noqa: S101 - pictures have jobs of their own
    return audio_output(streams, plan, rendition, path, adjustment)
