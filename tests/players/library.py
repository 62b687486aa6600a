"""Small titles, made and published as Nightreel does it: what the players are given to play."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from nightreel.media.encoding import transcode
from nightreel.media.inspection.probe import probe
from nightreel.media.packaging import package
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.releases.manifests import stable_master, stable_mpd
from nightreel.settings import settings
from nightreel.vocabulary.release import MASTER, MPD, release_prefix, title_prefix
from nightreel.vocabulary.title import Title

RELEASE = "20261121T010000-0a1b2c3d"
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class Source:
    """A generated source: its picture changes with every frame, and its sound is a tone."""

    name: str
    size: str
    frame_rate: str
    seconds: int
    sound: bool


LANDSCAPE = Source("landscape", "640x360", "30000/1001", 14, sound=True)
SILENT = Source("silent", "640x480", "25", 5, sound=False)
PORTRAIT = Source("portrait", "360x640", "25", 1, sound=True)
SOURCES = (LANDSCAPE, SILENT, PORTRAIT)


@dataclass(frozen=True)
class PublishedTitle:
    """A title below a folder that stands for the bucket."""

    plan: Plan
    title: Title
    bucket: Path

    def path_of(self, manifest: str) -> str:
        """The path of a stable manifest, as in its URL."""
        return f"/{title_prefix(self.title)}{manifest}"

    @property
    def release_directory(self) -> Path:
        return self.bucket / release_prefix(self.title, RELEASE)


def publish(source: Source, bucket: Path, work: Path) -> PublishedTitle:
    """Makes a source, encodes and packages it, and writes the two stable manifests."""
    binaries = find_binaries()
    original = work / f"{source.name}.mp4"
    _generate(source, original, binaries.ffmpeg)
    plan = build_plan(
        probe(original, binaries.ffprobe), load_ladder(settings().ladder), PlanOptions(preset="ultrafast")
    )
    published = PublishedTitle(plan, Title("movie", source.name), bucket)
    encoded = {name: work / f"{source.name}_{name}.mp4" for job in plan.jobs for name in job.renditions}
    for job in plan.jobs:
        transcode.encode(
            job, plan, original, encoded, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=_TIMEOUT_SECONDS
        )
    directory = published.release_directory
    package.package(plan, encoded, directory, binaries=binaries, timeout_seconds=_TIMEOUT_SECONDS)
    write_stable_manifests(published)
    return published


def write_stable_manifests(title: PublishedTitle) -> None:
    directory = title.release_directory
    above = directory.parent
    (above / MASTER).write_text(stable_master((directory / MASTER).read_text(), RELEASE))
    (above / MPD).write_text(stable_mpd((directory / MPD).read_text(), RELEASE))


def _generate(source: Source, path: Path, ffmpeg: str) -> None:
    picture = f"testsrc2=size={source.size}:rate={source.frame_rate}:duration={source.seconds}"
    tone = f"sine=frequency=440:sample_rate=48000:duration={source.seconds}"
    subprocess.run(
        [
            *(ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error"),
            *("-f", "lavfi", "-i", picture),
            *(("-f", "lavfi", "-i", tone) if source.sound else ()),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
            str(path),
        ],
        check=True,
        timeout=_TIMEOUT_SECONDS,
    )
