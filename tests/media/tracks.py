"""Sources whose sound and subtitles matter, and what these are encoded to."""

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.encoded import SMALL, TIMEOUT_SECONDS

_BLACK = ("-f", "lavfi", "-i", "color=size=64x36:rate=25")
_PICTURE_CODEC = ("-c:v", "libx264", "-preset", "ultrafast")


def write(path: Path, ffmpeg: str, seconds: float, *inputs: str, options: tuple[str, ...] = ()) -> Path:
    """A black picture and all tracks of the inputs: descriptions of `lavfi`, or paths of files."""
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", *_BLACK]
    for each in inputs:
        command += ["-i", each] if each.startswith("/") else ["-f", "lavfi", "-i", each]
    for number in range(len(inputs) + 1):
        command += ["-map", str(number)]
    command += [*_PICTURE_CODEC, "-strict", "-2", *options, "-t", str(seconds), str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def tones(*frequencies: int, layout: str = "") -> str:
    """A description of `lavfi`: on every channel a tone of its own, of a tenth of full scale."""
    channels = "|".join(f"0.1*sin({2 * frequency}*PI*t)" for frequency in frequencies)
    return f"aevalsrc={channels}:sample_rate=48000" + (f":channel_layout={layout}" if layout else "")


def click(at: float, sample_rate: int = 48_000, loud: float = 0.9) -> str:
    """A description of `lavfi`: silence, and from a moment on a loud tone."""
    return f"aevalsrc='gte(t,{at})*{loud}*sin(2000*PI*t)':sample_rate={sample_rate}"


def planned(source: Path, binaries: Binaries, options: PlanOptions | None = None) -> Plan:
    return build_plan(probe(source, binaries.ffprobe), SMALL, options or PlanOptions())


def encode_tracks(plan: Plan, source: Path, directory: Path, binaries: Binaries) -> dict[str, Path]:
    """The files of all sounds and subtitles, by name."""
    files = {item.name: directory / f"{item.name}.mp4" for item in plan.audio}
    files |= {item.name: directory / f"{item.name}.vtt" for item in plan.text}
    for job in plan.jobs:
        if job.kind != "video":
            encode(job, plan, source, files, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    return files


def amplitudes(heard: measure.Sound, *frequencies: int) -> NDArray[np.float64]:
    """How strong each tone is on each channel: a row per channel, a column per frequency."""
    rate = heard.sample_rate
    middle = heard.samples[:, rate // 4 : rate // 4 + rate // 2].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.shape[1]))) * 4 / middle.shape[1]
    return spectrum[:, [frequency // 2 for frequency in frequencies]]
