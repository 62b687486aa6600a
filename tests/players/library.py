"""Small titles, made and published as Nightreel does it: what the players are given to play."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nightreel.media.encoding import transcode
from nightreel.media.inspection.probe import probe
from nightreel.media.packaging import package
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.releases.publish import stable_texts
from nightreel.releases.upload import outgoing
from nightreel.settings import settings
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.laid_out import lay_out

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
    manifest: ReleaseManifest
    bucket: Path

    def path_of(self, manifest: str) -> str:
        """The path of a stable manifest, as in its URL."""
        return f"/{title_prefix(self.manifest.title)}{manifest}"

    def file(self, name: str) -> Path:
        """A file of its release."""
        return self.bucket / self.manifest.key_of(name)


def publish(source: Source, bucket: Path, work: Path) -> PublishedTitle:
    """Makes a source, encodes, packages and publishes it."""
    binaries = find_binaries()
    original = work / f"{source.name}.mp4"
    _generate(source, original, binaries.ffmpeg)
    plan = build_plan(
        probe(original, binaries.ffprobe), load_ladder(settings().ladder), PlanOptions(preset="ultrafast")
    )
    encoded = {name: work / f"{source.name}_{name}.mp4" for job in plan.jobs for name in job.renditions}
    for job in plan.jobs:
        transcode.encode(
            job, plan, original, encoded, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=_TIMEOUT_SECONDS
        )
    packaged = work / source.name
    package.package(plan, encoded, packaged, binaries=binaries, timeout_seconds=_TIMEOUT_SECONDS)
    return place(plan, source.name, packaged, bucket)


def place(plan: Plan, content_id: str, packaged: Path, bucket: Path) -> PublishedTitle:
    """Puts a packaged release where a bucket has it, and the stable manifests that lead to it."""
    title = Title("movie", content_id)
    facts = ReleaseManifest(
        release=RELEASE,
        content_type=title.content_type,
        content_id=title.content_id,
        files=(),
        plan={},
        tools={},
        checks={},
    )
    manifests = packaged.with_name(f"{packaged.name}-manifests")
    manifest = lay_out(facts, packaged, manifests)
    for each in outgoing(manifest, packaged, manifests):
        path = bucket / each.key
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each.path, path)
    for name, text in stable_texts(manifest, manifests).items():
        (bucket / title_prefix(title) / name).write_text(text, "utf-8")
    return PublishedTitle(plan, manifest, bucket)


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
