"""The gate against ffprobe, and the upload against s5cmd, on one release of all renditions.

python -m bench.release
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bench.console import say, stage
from bench.cost import Cost
from bench.figures import Spread
from bench.machine import Machine
from bench.set_up import set_up, temporary_home
from bench.sources import film
from nightreel.checks.gate import judge_release
from nightreel.cli.console import console
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.errors import NightreelError, Permanent
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.inspect import inspect
from nightreel.media.packaging.package import package
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.environment import clean_environment
from nightreel.media.source import SourceProbe
from nightreel.media.stills.stills import write_stills
from nightreel.releases.files import describe_files
from nightreel.releases.upload import Outgoing, upload_files, verify_upload
from nightreel.settings import load_settings
from nightreel.vocabulary.release import playlist_name

GATE_AT_MOST = 1.5
UPLOAD_AT_MOST = 1.2

_LIMIT_SECONDS = 4 * 3600.0


class Refused(Permanent):
    """The release is not one that would be published; the message says why."""


class _Bench:
    """A release in a folder, and the programs that it is compared with."""

    def __init__(self, folder: Path, binaries: Binaries, source: Path) -> None:
        self.folder = folder
        self.binaries = binaries
        self.probe, self.plan = _planned(source, binaries)
        _make(self.plan, source, folder, binaries)

    def gate(self) -> None:
        """Measures and judges every file, as the tasks do."""
        result = judge_release(self.folder, self.plan, self.probe, self.probe.size_bytes)
        if not result.passed:
            raise Refused("; ".join(map(str, result.failures[:3])))

    def ffprobe(self) -> None:
        """Reads every packet of every rendition once."""
        names = [item.name for item in self.plan.video] + [item.name for item in self.plan.audio]
        for name in names:
            command = [self.binaries.ffprobe, "-v", "error", "-show_packets", playlist_name(name)]
            subprocess.run(
                command,
                cwd=self.folder,
                env=clean_environment(),
                stdout=subprocess.DEVNULL,
                check=True,
                timeout=_LIMIT_SECONDS,
            )

    def upload(self, place: Deployment, prefix: str) -> None:
        """Digests, upload, and the comparison with the bucket's listing."""
        files = [
            Outgoing(file, self.folder / file.name, prefix + file.name)
            for file in describe_files(self.folder)
        ]
        upload_files(place.bucket(), files, place.settings.upload_threads)
        verify_upload(place.bucket(), files)

    def s5cmd(self, place: Deployment, prefix: str) -> None:
        """The same files by its defaults."""
        options = place.settings
        command = [
            *(str(Path(sys.executable).with_name("s5cmd")), "--endpoint-url", options.endpoint_url),
            *("--log", "error", "cp", f"{self.folder}/", f"s3://{options.r2_bucket_name}/{prefix}"),
        ]
        keys = {
            "AWS_ACCESS_KEY_ID": options.r2_access_key_id.get_secret_value(),
            "AWS_SECRET_ACCESS_KEY": options.r2_secret_access_key.get_secret_value(),
            "AWS_REGION": "us-east-1",
        }
        subprocess.run(command, env=clean_environment() | keys, check=True, timeout=_LIMIT_SECONDS)


def _planned(source: Path, binaries: Binaries) -> tuple[SourceProbe, Plan]:
    probe = inspect(source, binaries, decode_check="off", damage_tolerance=1.0)
    ladder = load_ladder(load_settings().ladder).model_copy(update={"quality": "fixed"})
    # The quickest preset: what is made has as many bytes, packets and files as with a slower one.
    return probe, build_plan(probe, ladder, PlanOptions(preset="ultrafast"))


def _make(plan: Plan, source: Path, folder: Path, binaries: Binaries) -> None:
    """All of a release but `release.json`."""
    encoded: dict[str, Path] = {}
    for job in plan.jobs:
        suffix = "vtt" if job.kind == "text" else "mp4"
        outputs = {name: folder.with_name(f"{name}.{suffix}") for name in job.renditions}
        encode(job, plan, source, outputs, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=_LIMIT_SECONDS)
        encoded |= outputs
    package(plan, encoded, folder, binaries=binaries, timeout_seconds=_LIMIT_SECONDS)
    write_stills(plan, encoded, folder, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=_LIMIT_SECONDS)


def _cost(work: Callable[[], None]) -> Cost:
    began, before = time.monotonic(), _cpu()
    work()
    return Cost(time.monotonic() - began, _cpu() - before)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(seconds: float, times: int, say: Callable[[str], None]) -> Table:
    """Each in turn, so many times, with a bucket of its own. Raises NoFilm, Refused, EncoderFailed."""
    load = os.getloadavg()[0]
    set_up(None)
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    source = film(seconds, binaries.ffmpeg, say)
    with every_ending_is_an_interrupt(), temporary_home() as home:
        folder = home.root.parent / "release"
        with stage("a release of all renditions"):
            bench = _Bench(folder, binaries, source)
        files = len(list(folder.iterdir()))
        size = sum(path.stat().st_size for path in folder.iterdir())
        stack = Stack(home, options=options)
        with stack.running(say):
            place = embedded(stack)
            pairs = [_pairs(bench, place, number) for number in range(times)]
        shutil.rmtree(folder)
    facts = f"{Machine.here(load, binaries)}\n{files} files, {size / 1e6:.0f} MB, {seconds:g} s of film"
    return _table(pairs, facts)


def _pairs(bench: _Bench, place: Deployment, number: int) -> tuple[Cost, Cost, Cost, Cost]:
    with stage(f"{number + 1}: gate, ffprobe, upload, s5cmd"):
        return (
            _cost(bench.gate),
            _cost(bench.ffprobe),
            _cost(lambda: bench.upload(place, f"bench/{number}/own/")),
            _cost(lambda: bench.s5cmd(place, f"bench/{number}/other/")),
        )


def _table(pairs: list[tuple[Cost, Cost, Cost, Cost]], facts: str) -> Table:
    gates, probes, uploads, others = zip(*pairs, strict=True)
    table = Table("what", "wall", "measured", "at most", caption=facts, caption_justify="left")
    for what, own, other, most in (
        ("gate ÷ ffprobe -show_packets over the same files", gates, probes, GATE_AT_MOST),
        ("digests, upload and comparison ÷ s5cmd cp", uploads, others, UPLOAD_AT_MOST),
    ):
        pairwise = zip(own, other, strict=True)
        ratio = Spread.of([one.wall_seconds / two.wall_seconds for one, two in pairwise]).middle
        seconds = " ÷ ".join(
            f"{Spread.of([each.wall_seconds for each in side]).middle:.2f} s" for side in (own, other)
        )
        table.add_row(what, seconds, f"{ratio:.2f}", f"{most:g}", style="" if ratio <= most else "red")
    return table


def bench(
    seconds: Annotated[float, typer.Option(min=4.0, help="Length of the film.")] = 300.0,
    times: Annotated[int, typer.Option(min=1, help="How often each is measured, in turn.")] = 5,
) -> None:
    """Judge and upload a release, and do the nearest that a user would type.

    make bench CASE=release

    python -m bench.release --seconds 30
    """
    try:
        table = measure(seconds, times, say)
    except NightreelError as error:
        typer.echo(f"not measured: {error}", err=True)
        raise typer.Exit(1) from None
    console().print(table)


if __name__ == "__main__":
    typer.run(bench)
