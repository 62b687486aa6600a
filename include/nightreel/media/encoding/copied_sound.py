"""Copies a source's sound, packet by packet, into an MP4 with exact times.

For sounds that `sound_copying` allows: FFmpeg decodes nothing and changes no byte of any packet.
"""

from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, aac_frames


def copy_sound(
    source: Path,
    output: Path,
    plan: Plan,
    sound: AudioRendition,
    *,
    ffmpeg_binary: str,
    timeout_seconds: float,
) -> None:
    """Write a sound of the source into an MP4, from the title's first frame to its end, without an edit list.

    The first packet is the one whose own time is nearest to the title's first frame: what is heard is at
    most half an AAC frame (10.7 ms at 48 kHz) from where it is in the source, and 5 ms more after joints.
    Packet n begins at n AAC frames exactly. Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    command = copy_command(source, output, plan, sound, ffmpeg_binary)
    sandbox = Sandbox(reads=(source,), writes=(output.parent,))
    process.run(command, timeout_seconds=timeout_seconds, sandbox=sandbox)


def copy_command(
    source: Path, output: Path, plan: Plan, sound: AudioRendition, ffmpeg_binary: str
) -> list[str]:
    """The command line; see `copy_sound`."""
    # FFmpeg's time 0 is then the title's first frame, as where a sound is encoded.
    begins = {"itsoffset": f"{-plan.lead:.6f}"} if plan.lead else {}
    copied = ffmpeg.output(
        graph_input(source, **begins)[str(sound.stream)],
        f"file:{output}",
        **{
            "c": "copy",
            "bsf:a": _times(sound.sample_rate),
            "frames:a": aac_frames(plan.frames / plan.frame_rate, sound.sample_rate),
            "map_metadata": -1,
            "map_chapters": -1,
            "use_editlist": 0,
            "f": "mp4",
        },
    )
    command: list[str] = (
        copied.global_args("-hide_banner", "-nostdin", "-loglevel", "repeat+level+warning", "-nostats")
        .global_args("-progress", "pipe:1", "-stats_period", "1")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    return command


def _times(sample_rate: int) -> str:
    """Filters that drop what is before the title, and give each packet the exact time of its place."""
    settings: dict[str, Any] = {
        "time_base": f"1/{sample_rate}",
        # Times are first converted to the new clock, which is that of the samples.
        "prescale": 1,
        "pts": f"N*{AAC_FRAME_SAMPLES}",
        "dts": f"N*{AAC_FRAME_SAMPLES}",
        "duration": AAC_FRAME_SAMPLES,
    }
    times = ":".join(f"{name}={value}" for name, value in settings.items())
    # The filter damages nothing unless it is told to.
    return f"noise=drop='lt(pts*tb,-{AAC_FRAME_SAMPLES // 2}/{sample_rate})',setts={times}"
