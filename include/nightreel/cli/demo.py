"""`demo`: the sample library, from files to streams, on a stack of its own."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nightreel.catalog import TitleAttempt, TitleStatus
from nightreel.cli.console import console
from nightreel.cli.deployment import embedded
from nightreel.cli.milestones import milestones
from nightreel.cli.reachable import silences
from nightreel.cli.runs import run_backlog
from nightreel.cli.stack import print_addresses, say
from nightreel.cli.tables import titles_table
from nightreel.deployment import Deployment
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.samples import Sample, collect
from nightreel.local.stack import Stack
from nightreel.media.programs.binaries import find_binaries
from nightreel.settings import load_settings
from nightreel.sources.intake import upload_source
from nightreel.vocabulary.title import Title

_PRESET = "veryfast"


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running afterwards.")] = False,
) -> None:
    """Convert a sample library on this machine's stack, and show the result.

    Two real clips, two generated titles, and a file that was cut short and must be refused. Tells when
    each title began to play, and when it had all its renditions.
    Exits 0 only if that one is quarantined and all others play. Titles that are done already
    are not converted again.

      nightreel demo

      nightreel demo --keep
    """
    began = time.monotonic()
    if not Stack().status().programs:
        _prefer_speed_and_reports()
    stack = Stack(options=load_settings())
    with _standing(stack, keep):
        faults = _convert_library(stack)
        if keep:
            print_addresses(stack, stack.up())
    for fault in faults:
        typer.echo(f"not as it should be: {fault}", err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"Everything is as it should be, in {time.monotonic() - began:.0f} s.")


def _prefer_speed_and_reports() -> None:
    """Sets what nobody has set. The stack's processes inherit it."""
    chosen = load_settings().model_fields_set
    if "validation_reports" not in chosen:
        os.environ["NIGHTREEL_VALIDATION_REPORTS"] = "all"
    if "preset" in chosen:
        return
    os.environ["NIGHTREEL_PRESET"] = _PRESET
    typer.echo(f"The demo encodes with x264's preset {_PRESET}; NIGHTREEL_PRESET chooses another.")


@contextmanager
def _standing(stack: Stack, keep: bool) -> Iterator[None]:
    """The stack for the length of a block. If it was running before, it is left running.

    An interrupt stops what was started here, even if it was to be kept.
    """
    ran_before = bool(stack.status().programs)
    if not keep and not ran_before:
        with stack.running(say):
            yield
        return
    with every_ending_is_an_interrupt():
        stack.up(say)
        try:
            yield
        except KeyboardInterrupt:
            if not ran_before:
                stack.down(say)
            raise


def _convert_library(stack: Stack) -> list[str]:
    """Adds the samples, runs the backlog and shows the titles; returns what is wrong."""
    place = embedded(stack)
    options = place.settings
    ffmpeg = find_binaries(options.ffmpeg, options.ffprobe, options.packager).ffmpeg
    files = collect(stack.home.root / "cache", ffmpeg, say)
    take_in(place, files)
    with place.airflow() as airflow:
        run_backlog(place, airflow)
    found = {sample: by_name(place, sample) for sample in files}
    console().print(titles_table([status for status in found.values() if status]))
    for line in milestones(_attempts(place, found)):
        typer.echo(line)
    return [fault for sample, status in found.items() for fault in faults_of(sample, status)]


def _attempts(place: Deployment, found: Mapping[Sample, TitleStatus | None]) -> dict[str, list[TitleAttempt]]:
    attempts = place.catalog().attempts
    return {
        sample.name: attempts.of(Title(status.content_type, status.content_id))
        for sample, status in found.items()
        if status is not None
    }


def take_in(place: Deployment, files: Mapping[Sample, Path]) -> None:
    """Adds the samples to the bucket and the catalog, except those that are already done."""
    catalog = place.catalog()
    for sample, path in files.items():
        known = by_name(place, sample)
        if known is not None and _settled(sample, known, place.settings.r2_public_url):
            continue
        if known is None:
            (content_id,) = catalog.titles.free_ids(sample.content_type, 1)
        else:
            content_id = known.content_id
        title = Title(sample.content_type, content_id)
        url = upload_source(place.bucket(), path, title, lambda _: None)
        catalog.titles.add(title, sample.name, url)
        typer.echo(f"Added {title}, {sample.name}")


def by_name(place: Deployment, sample: Sample) -> TitleStatus | None:
    """The sample in the catalog, by its name, because its id depends on earlier titles."""
    titles = place.catalog().titles.status(sample.content_type)
    return next((title for title in titles if title.title == sample.name), None)


def _settled(sample: Sample, known: TitleStatus, public_url: str) -> bool:
    """Whether it is done. Adding it again would then convert it again."""
    if known.state == "claimed":
        return True
    if not sample.whole:
        return known.state == "quarantined"
    # The bucket's address changes if another program has taken its port.
    return known.state == "published" and (known.hls_url or "").startswith(f"{public_url}/")


def faults_of(sample: Sample, status: TitleStatus | None) -> list[str]:
    """What is wrong: the whole samples must play, the other must be quarantined with a reason."""
    if status is None:
        return [f"{sample.name} is not in the catalog"]
    who = f"{status.content_type} {status.content_id}, {sample.name},"
    wanted = "published" if sample.whole else "quarantined"
    if status.state != wanted:
        return [f"{who} is {status.state}, not {wanted}" + (f": {status.reason}" if status.reason else "")]
    if not sample.whole:
        return [] if status.reason else [f"{who} is quarantined without a reason"]
    return [f"{who}: {silence}" for silence in silences(status.hls_url or "", status.dash_url)]
