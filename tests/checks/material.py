"""Real releases, small enough to be made in a second or two."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from nightreel.checks.gate import GateResult, judge_release
from nightreel.media.encoding import transcode
from nightreel.media.encoding.copied_sound import copy_sound
from nightreel.media.inspection.coded_sound import with_sound_coding
from nightreel.media.inspection.probe import probe
from nightreel.media.packaging import package
from nightreel.media.planning.copied_sounds import with_copied_sounds
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.ladder import Ladder, Rung, load_ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.source import SourceProbe
from nightreel.media.stills import stills
from nightreel.places import PROJECT_ROOT
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import ContentKey, Protection

LIMIT_SECONDS = 60.0
BINARIES = find_binaries()
SHIPPED = load_ladder(PROJECT_ROOT / "config" / "ladder.yaml")
ONE_RUNG = Ladder(rungs=(Rung(height=108, video_bps=150_000, audio_bps=64_000, preset="ultrafast"),))
TWO_RUNGS = Ladder(
    rungs=(
        Rung(height=54, video_bps=60_000, audio_bps=64_000, preset="veryfast"),
        Rung(height=108, video_bps=150_000, audio_bps=64_000, preset="veryfast"),
    )
)
TS = PlanOptions(container="ts")
KEY = ContentKey(UUID("5b2c3f10-0000-4000-8000-0000000000a7"), bytes(range(16)), bytes(range(16, 32)))
PROTECTION = Protection(KEY, "https://keys.example/5b2c3f10", "https://keys.example/license")


@dataclass(frozen=True)
class Material:
    """A source, what was encoded of it, and the finished release in `directory`."""

    directory: Path
    plan: Plan
    source: SourceProbe
    encoded: Mapping[str, Path]
    key: ContentKey | None = None

    def copy(self, directory: Path) -> "Material":
        """The same release in a directory of its own, for a test to damage."""
        shutil.copytree(self.directory, directory)
        return replace(self, directory=directory)

    def repackaged(self, directory: Path, **encoded: Path) -> "Material":
        """The release as the packager makes it when some renditions are other files."""
        made = replace(self, directory=directory, encoded={**self.encoded, **encoded})
        _package(made, None)
        return self._with_stills_in(made)

    def encrypted(self, directory: Path, protection: Protection = PROTECTION) -> "Material":
        """The same release as the packager encrypts it."""
        plan = self.plan.model_copy(update={"encrypted": True})
        made = replace(self, directory=directory, plan=plan, key=protection.key)
        _package(made, protection)
        return self._with_stills_in(made)

    def judged(self) -> GateResult:
        return judge_release(self.directory, self.plan, self.source, self.source.size_bytes, key=self.key)

    def _with_stills_in(self, made: "Material") -> "Material":
        for path in (*self.directory.glob("*.jpg"), self.directory / release.SPRITES):
            shutil.copy(path, made.directory)
        return made


def make_source(
    path: Path, *, seconds: float, rate: str = "30", size: str = "640x360", sound: bool = True
) -> Path:
    """A picture that moves and is noisy, with a tone."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}"]
    if sound:
        sources += ["-f", "lavfi", "-i", "sine=440:r=48000", "-c:a", "aac", "-metadata:s:a:0", "language=eng"]
    picture = ["-vf", "noise=alls=20:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1500k"]
    ffmpeg(*sources, "-t", str(seconds), *picture, "-pix_fmt", "yuv420p", str(path))
    return path


def make_source_of_every_kind(path: Path) -> Path:
    """Seven seconds in HLG, with sound in 5.1 and in stereo, and with subtitles, some of them forced."""
    hlg = "setparams=range=limited:color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc"
    cues = path.with_suffix(".srt")
    cues.write_text(
        "1\n00:00:00,500 --> 00:00:02,500\nHello\n\n2\n00:00:05,000 --> 00:00:06,800\nBoth sides\n"
    )
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=192x108:r=25"),
        *("-f", "lavfi", "-i", "sine=440:r=48000", "-f", "lavfi", "-i", "sine=880:r=48000"),
        *("-i", str(cues), "-i", str(cues), "-t", "7"),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4"),
        *("-vf", f"noise=alls=20:allf=t,format=yuv420p10le,{hlg}"),
        *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
        *("-c:a", "aac", "-ac:a:0", "6", "-ac:a:1", "2", "-c:s", "srt"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"),
        *("-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=deu"),
        *("-disposition:s:1", "forced"),
        str(path),
    )
    return path


def make_release(
    source: Path,
    folder: Path,
    ladder: Ladder = SHIPPED,
    options: PlanOptions = PlanOptions(preset="veryfast"),  # noqa: B008 - frozen
    own_grid: Grid | None = None,
    *,
    own_sounds: bool = False,
) -> Material:
    """Probe, plan, encode and package a source, as a title's run does. `own_sounds` copies what may be."""
    probed = probe(source, BINARIES.ffprobe)
    plan = build_plan(probed, ladder, options, own_grid)
    if own_sounds:
        probed = with_sound_coding(probed, source)
        plan = with_copied_sounds(plan, probed)
    encoded: dict[str, Path] = {}
    for job in plan.jobs:
        suffix = "vtt" if job.kind == "text" else "mp4"
        outputs = {name: folder / f"{name}.{suffix}" for name in job.renditions}
        limits = {"ffmpeg_binary": BINARIES.ffmpeg, "timeout_seconds": LIMIT_SECONDS}
        sound = next((item for item in plan.audio if item.copied and item.name in outputs), None)
        if sound is None:
            transcode.encode(job, plan, source, outputs, **limits)
        else:
            copy_sound(source, outputs[sound.name], plan, sound, **limits)
        encoded |= outputs
    made = Material(folder / "release", plan, probed, encoded)
    _package(made, None)
    stills.write_stills(
        plan, encoded, made.directory, ffmpeg_binary=BINARIES.ffmpeg, timeout_seconds=LIMIT_SECONDS
    )
    return made


def _package(made: Material, protection: Protection | None) -> None:
    package.package(
        made.plan,
        made.encoded,
        made.directory,
        binaries=BINARIES,
        timeout_seconds=LIMIT_SECONDS,
        protection=protection,
    )


def ffmpeg(*arguments: str) -> None:
    command = [BINARIES.ffmpeg, "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=LIMIT_SECONDS)
