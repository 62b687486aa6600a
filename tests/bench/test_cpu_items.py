"""Every second of processor time that a stack took is in exactly one item."""

import pytest

from bench.cpu_items import MAKING, OUTSIDE, SERVICE, items_of, items_of_stack
from bench.processors import TASKS
from bench.title_run import Part, Program, Step


def _step(
    began: float, cpu: float, child_cpu: float, programs: dict[str, float], **parts: tuple[float, float]
) -> Step:
    """Seconds of processor time: of its Python and of its programs, and of both in each part."""
    return Step(
        began=began,
        seconds=5.0,
        cpu_seconds=cpu,
        child_cpu_seconds=child_cpu,
        peak_bytes=1,
        child_peak_bytes=1,
        programs=tuple(
            Program(program=name, began=began, ended=began + 1, cpu_seconds=seconds)
            for name, seconds in programs.items()
        ),
        parts={
            name: Part(seconds=1.0, cpu_seconds=own, child_cpu_seconds=child)
            for name, (own, child) in parts.items()
        },
    )


_STEPS = {
    "transcode 1080p": _step(
        10, 2.0, 3.0, {"ffmpeg-linux-x86_64-v9": 2.0}, gate=(1.5, 0.0), packaging=(0.1, 1.0)
    ),
    "plan": _step(0, 0.5, 1.25, {"ffprobe-linux-x64": 0.75, "python3.11": 0.25}),
}


def test_a_step_without_parts_is_itemised_by_its_programs() -> None:
    found = {item.what: item.cpu_seconds for item in items_of({"plan": _STEPS["plan"]})}
    assert found == {"ffprobe": 0.75, "decode check, scan": 0.25, "other programs": 0.25, "Python": 0.5}


def test_a_step_with_parts_is_itemised_by_them_and_the_rest_is_what_makes_the_track() -> None:
    found = {item.what: item.cpu_seconds for item in items_of({"t": _STEPS["transcode 1080p"]})}
    assert found == pytest.approx(
        {
            "gate: programs": 0.0,
            "gate: Python": 1.5,
            "packaging: programs": 1.0,
            "packaging: Python": 0.1,
            MAKING: 2.0,
            "Python": 0.4,
        }
    )


def test_what_tasks_took_outside_their_steps_is_an_item_of_its_own_and_all_items_add_up() -> None:
    stack = {TASKS: 10.0, "scheduler": 2.0, "api-server": 3.0}
    others = items_of_stack([_STEPS], stack)
    assert [(item.task, item.what) for item in others] == [
        (SERVICE, OUTSIDE),
        (SERVICE, "api-server"),
        (SERVICE, "scheduler"),
    ]
    assert others[0].cpu_seconds == pytest.approx(10.0 - 6.75)
    assert sum(item.cpu_seconds for item in [*items_of(_STEPS), *others]) == pytest.approx(15.0)
