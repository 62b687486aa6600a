"""The commands that Nightreel is compared with make what its jobs make."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.commands import CommandLine, Output, one_each, one_process
from nightreel.media.encoding.transcode import encode_command
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.sandbox import Sandbox
from tests.media.clips import Clip, Sound

_LADDER = Ladder(
    rungs=(
        Rung(height=72, video_bps=60_000, audio_bps=64_000, preset="fast"),
        Rung(height=108, video_bps=120_000, audio_bps=96_000, preset="veryfast"),
    )
)
_SOUNDS = (Sound(language="eng"), Sound(lavfi="sine=frequency=300:sample_rate=44100", channels=1))


@pytest.fixture(scope="module")
def binaries() -> Binaries:
    return find_binaries()


@pytest.fixture(scope="module", params=[_SOUNDS, ()], ids=["two sound tracks", "silent"])
def source(
    request: pytest.FixtureRequest, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("source") / "source.mp4"
    return Clip(seconds=3.0, sounds=request.param).write(path, binaries.ffmpeg)


@pytest.fixture(scope="module")
def plan(source: Path, binaries: Binaries) -> Plan:
    """Its pictures share a job."""
    return _planned(source, binaries, picture_jobs=1)


def test_one_process_makes_the_same_files_as_jobs_that_share_a_decode(
    plan: Plan, source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    _require_same_files(
        source,
        tmp_path,
        lambda folder: [one_process(plan, source, folder, binaries.ffmpeg)],
        lambda folder: _job_commands(plan, source, folder, binaries),
    )


def test_one_process_per_rendition_makes_the_same_files_as_a_job_for_each(
    source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    plan = _planned(source, binaries, picture_jobs=len(_LADDER.rungs))
    _require_same_files(
        source,
        tmp_path,
        lambda folder: one_each(plan, source, folder, binaries.ffmpeg),
        lambda folder: _job_commands(plan, source, folder, binaries),
    )


def test_every_rendition_is_made_by_a_process_of_its_own_in_the_sequence(
    plan: Plan, source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    commands = one_each(plan, source, tmp_path, binaries.ffmpeg)
    files = [[output.file for output in CommandLine.parse(command).outputs] for command in commands]
    assert files == [[f"file:{tmp_path / item.name}.mp4"] for item in plan.renditions]


def test_the_one_process_reads_the_source_once(
    plan: Plan, source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    command = one_process(plan, source, tmp_path, binaries.ffmpeg)
    assert command.count("-i") == 1
    # The picture is taken from the decoder once, and split after that.
    assert " ".join(command).count(f"[0:{plan.video_stream}]") == 1


def test_every_option_of_every_rendition_is_that_of_its_job(
    plan: Plan, source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    of_the_jobs = _options(*_job_commands(plan, source, tmp_path, binaries))
    assert set(of_the_jobs) == {f"file:{tmp_path / item.name}.mp4" for item in plan.renditions}
    assert _options(one_process(plan, source, tmp_path, binaries.ffmpeg)) == of_the_jobs
    assert _options(*one_each(plan, source, tmp_path, binaries.ffmpeg)) == of_the_jobs


def test_a_command_is_put_together_as_it_was_taken_apart(
    plan: Plan, source: Path, binaries: Binaries, tmp_path: Path
) -> None:
    for command in _job_commands(plan, source, tmp_path, binaries):
        assert CommandLine.parse(command).arguments() == command


def test_commands_that_read_different_inputs_do_not_become_one() -> None:
    first, second = (
        CommandLine(("ffmpeg", "-i", name), ("[0:0]null[s0]",), (Output(("-map", "[s0]"), "out"),), ())
        for name in ("a.mp4", "b.mp4")
    )
    with pytest.raises(ValueError, match="same input"):
        first.beside(second)


def _planned(source: Path, binaries: Binaries, picture_jobs: int) -> Plan:
    options = PlanOptions(keyframe_seconds=1.0, picture_jobs=picture_jobs)
    return build_plan(probe(source, binaries.ffprobe), _LADDER, options)


def _require_same_files(source: Path, place: Path, *ways: Callable[[Path], list[list[str]]]) -> None:
    """Each way gives the commands that write into a folder."""
    made = []
    for number, commands in enumerate(ways):
        folder = place / str(number)
        folder.mkdir()
        _run(source, folder, *commands(folder))
        made.append(_files(folder))
    assert made[0]
    assert made[0] == made[1]


def _job_commands(plan: Plan, source: Path, folder: Path, binaries: Binaries) -> list[list[str]]:
    return [
        encode_command(
            job, plan, source, {name: folder / f"{name}.mp4" for name in job.renditions}, binaries.ffmpeg
        )
        for job in plan.jobs
    ]


def _run(source: Path, folder: Path, *commands: list[str]) -> None:
    sandbox = Sandbox(reads=(source,), writes=(folder,))
    for command in commands:
        process.run(_repeatable(command), timeout_seconds=60, sandbox=sandbox)


def _repeatable(command: list[str]) -> list[str]:
    # With several threads x264's rate control takes what the others happen to have done into account.
    line = CommandLine.parse(command)
    outputs = tuple(Output((*output.options, "-threads", "1"), output.file) for output in line.outputs)
    return replace(line, outputs=outputs).arguments()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _options(*commands: list[str]) -> dict[str, dict[str, str]]:
    """The options of each file that the commands write, but for the name of the link that feeds it."""
    outputs = [output for command in commands for output in CommandLine.parse(command).outputs]
    found = {
        output.file: dict(zip(output.options[::2], output.options[1::2], strict=True)) for output in outputs
    }
    for options in found.values():
        del options["-map"]
    return found
