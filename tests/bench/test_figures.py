"""From what was recorded to the figures."""

import pytest

from bench.cost import Cost
from bench.figures import (
    NO_PROGRAM,
    NOT_FFMPEG,
    Peak,
    Round,
    Spread,
    StackRun,
    memory_of,
    seconds_spent,
    typical,
)
from tests.bench.runs import run, step

_FFMPEG = "ffmpeg-linux-x86_64"
_RUN = run(
    {
        "plan": step(1.0, 3.0, ("ffprobe-linux-x64", 1.5, 2.5)),
        "transcode 720p": step(5.0, 15.0, (_FFMPEG, 6.0, 14.0), child_cpu=12.0),
        "transcode audio en": step(5.0, 8.0, (_FFMPEG, 5.5, 7.0), child_cpu=1.0),
        "package": step(17.0, 20.0, ("packager-linux-x64", 17.0, 18.0), (_FFMPEG, 18.0, 19.0), child_cpu=2.0),
    },
    ended=22.0,
)
_MIB = 1024**2


def test_encoding_is_what_the_transcode_tasks_ran() -> None:
    assert _RUN.encoding_cpu_seconds == 13.0


def test_the_ratios_are_the_stack_s_over_ffmpeg_s() -> None:
    quicker = run({"plan": step(1.0, 2.0)}, ended=4.0)
    each = Round(
        StackRun(_RUN, {"tasks": 10.0, "scheduler": 3.0}),
        StackRun(quicker, {"tasks": 5.0}),
        one_process=Cost(wall_seconds=8.0, cpu_seconds=10.0),
        one_each=Cost(11.0, 14.0),
    )
    assert each.wall_ratio == pytest.approx(22 / 8)
    assert each.sequence_ratio == pytest.approx(2.0)
    assert each.cpu_ratio == pytest.approx(1.3)
    assert each.own_wall_ratio == pytest.approx(0.5)


def test_ffmpeg_s_seconds_are_those_of_any_task_counted_once() -> None:
    # 5.5 to 14 while encoding, 18 to 19 while packaging.
    assert seconds_spent(_RUN, "ffmpeg") == pytest.approx(9.5)
    assert seconds_spent(_RUN, *NOT_FFMPEG) == pytest.approx(22.0 - 9.5)


def test_packager_and_ffprobe_are_programs_but_not_ffmpeg() -> None:
    assert seconds_spent(_RUN, "tools") == pytest.approx(2.0)
    assert seconds_spent(_RUN, *NO_PROGRAM) == pytest.approx(22.0 - 9.5 - 2.0)


def test_the_typical_run_is_the_one_in_the_middle() -> None:
    runs = [run({"plan": step(1.0, 2.0)}, ended=ended) for ended in (9.0, 3.0, 5.0)]
    assert typical(runs) is runs[2]


def test_a_spread_has_least_median_and_greatest() -> None:
    assert Spread.of([3.0, 1.0, 2.0, 10.0]) == Spread(1.0, 2.5, 10.0)


@pytest.mark.parametrize(
    ("short", "long", "grows"), [(100, 107, False), (100, 108, True), (1000, 1034, False), (1000, 1035, True)]
)
def test_memory_grows_when_it_passes_what_equal_runs_differ_by(short: int, long: int, grows: bool) -> None:
    assert Peak(short * _MIB, long * _MIB).grows is grows


def test_memory_is_compared_with_the_highest_peak_of_the_shorter_runs() -> None:
    short = [
        run({"package": step(1.0, 2.0, (_FFMPEG, 1.0, 2.0), own=own, child=400)}, ended=3.0)
        for own in (160, 190)
    ]
    long = run({"package": step(1.0, 2.0, (_FFMPEG, 1.0, 2.0), own=195, child=600)}, ended=3.0)
    (package,) = memory_of(short, long)
    assert package.own == Peak(190 * _MIB, 195 * _MIB)
    assert package.child == Peak(400 * _MIB, 600 * _MIB)
    assert not package.own.grows
    assert package.grows


def test_a_step_without_programs_has_no_child() -> None:
    runs = run({"fetch": step(1.0, 2.0, child=300)}, ended=3.0)
    (fetch,) = memory_of([runs], runs)
    assert fetch.child is None
