"""Real releases, small enough to be made in a second or two."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nightreel import release
from nightreel.checks.gate import GateResult, judge_release
from nightreel.media import package, process, stills, transcode
from nightreel.media.binaries import find_binaries
from nightreel.media.ladder import load_ladder
from nightreel.media.plan import Plan, PlanOptions, build_plan
from nightreel.media.probe import probe
from nightreel.media.source import SourceProbe
from nightreel.settings import PROJECT_ROOT

LIMIT_SECONDS = 60.0
BINARIES = find_binaries()


@dataclass(frozen=True)
class Material:
    """A source, what was encoded of it, and the finished release in `directory`."""

    directory: Path
    plan: Plan
    source: SourceProbe
    encoded: Mapping[str, Path]

    def copy(self, directory: Path) -> "Material":
        """The same release in a directory of its own, for a test to damage."""
        shutil.copytree(self.directory, directory)
        return replace(self, directory=directory)

    def repackaged(self, directory: Path, **encoded: Path) -> "Material":
        """The release as the packager makes it when some renditions are other files."""
        files = {**self.encoded, **encoded}
        package.package(self.plan, files, directory, binaries=BINARIES, timeout_seconds=LIMIT_SECONDS)
        for path in (*self.directory.glob("*.jpg"), self.directory / release.SPRITES):
            shutil.copy(path, directory)
        return replace(self, directory=directory, encoded=files)

    def judged(self) -> GateResult:
        return judge_release(self.directory, self.plan, self.source, self.source.size_bytes)


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


def make_release(source: Path, folder: Path) -> Material:
    """Probe, plan, encode and package a source, as a title's run does."""
    probed = probe(source, BINARIES.ffprobe)
    ladder = load_ladder(PROJECT_ROOT / "config" / "ladder.yaml")
    plan = build_plan(probed, ladder, PlanOptions(preset="veryfast"))
    encoded: dict[str, Path] = {}
    for job in plan.jobs:
        outputs = {name: folder / f"{name}.mp4" for name in job.renditions}
        transcode.encode(
            job, plan, source, outputs, ffmpeg_binary=BINARIES.ffmpeg, timeout_seconds=LIMIT_SECONDS
        )
        encoded |= outputs
    directory = folder / "release"
    package.package(plan, encoded, directory, binaries=BINARIES, timeout_seconds=LIMIT_SECONDS)
    stills.write_stills(
        plan, encoded, directory, ffmpeg_binary=BINARIES.ffmpeg, timeout_seconds=LIMIT_SECONDS
    )
    assert (directory / release.MASTER).exists()
    return Material(directory, plan, probed, encoded)


def ffmpeg(*arguments: str) -> None:
    process.run([BINARIES.ffmpeg, "-v", "error", "-nostdin", "-y", *arguments], timeout_seconds=LIMIT_SECONDS)
