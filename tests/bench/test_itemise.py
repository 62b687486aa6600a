"""Every second of a run is counted once, under the right task and heading."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.itemise import AFTER_ALL, KINDS, Item, Kind, Span, itemise

_RUN = (0.0, 100.0)

# Whole numbers, so that sums are exact; some begin before the run and end after it.
_moments = st.integers(-10, 110).map(float)
_spans = st.lists(
    st.tuples(st.sampled_from("abc"), _moments, _moments).map(lambda s: Span(s[0], min(s[1:]), max(s[1:]))),
    max_size=6,
)
_layers = st.fixed_dictionaries({kind: _spans for kind in KINDS if kind != "wait"})


@given(_layers)
def test_the_items_add_up_to_the_run(spans: Mapping[Kind, Sequence[Span]]) -> None:
    assert sum(item.sum(*KINDS) for item in itemise(_RUN, spans)) == 100.0


@given(_layers)
def test_each_kind_has_the_seconds_that_no_kind_before_it_has(
    spans: Mapping[Kind, Sequence[Span]],
) -> None:
    items = itemise(_RUN, spans)
    taken: set[int] = set()
    for kind in KINDS[:-1]:
        covered = {
            second
            for second in range(100)
            if any(span.began <= second and second + 1 <= span.ended for span in spans[kind])
        }
        assert sum(item.sum(kind) for item in items) == len(covered - taken)
        taken |= covered
    assert sum(item.sum("wait") for item in items) == 100 - len(taken)


@given(_layers)
def test_no_task_gets_seconds_in_which_it_did_not_run(spans: Mapping[Kind, Sequence[Span]]) -> None:
    for item in itemise(_RUN, spans):
        for kind in KINDS[:-1]:
            own = {
                second
                for span in spans[kind]
                if span.task == item.task
                for second in range(100)
                if span.began <= second and second + 1 <= span.ended
            }
            assert item.sum(kind) <= len(own)


def test_a_task_is_itemised_from_the_wait_for_it_to_its_end() -> None:
    items = itemise(
        (0.0, 12.0),
        {
            "task": [Span("plan", 1.0, 4.0), Span("package", 6.0, 11.0)],
            "work": [Span("plan", 2.0, 3.5), Span("package", 7.0, 10.0)],
            "tools": [Span("package", 7.5, 9.0)],
            "ffmpeg": [Span("package", 9.0, 9.5)],
        },
    )
    assert items == [
        _item("plan", wait=1.0, task=1.5, work=1.5),
        _item("package", wait=2.0, task=2.0, work=1.0, tools=1.5, ffmpeg=0.5),
        _item(AFTER_ALL, wait=1.0),
    ]


def test_seconds_in_which_another_encode_runs_are_ffmpeg_s() -> None:
    items = itemise(
        (0.0, 10.0),
        {
            "task": [Span("transcode", 0.0, 10.0), Span("transcode", 4.0, 8.0)],
            "ffmpeg": [Span("transcode", 1.0, 9.0), Span("transcode", 6.0, 7.0)],
        },
    )
    assert items == [_item("transcode", task=2.0, ffmpeg=8.0)]


@pytest.mark.parametrize("order", [1, -1])
def test_where_tasks_overlap_the_one_that_began_first_is_charged(order: int) -> None:
    tasks = [Span("a", 0.0, 3.0), Span("b", 1.0, 4.0)][::order]
    assert {item.task: item.sum("task") for item in itemise((0.0, 4.0), {"task": tasks})} == {"a": 3, "b": 1}


def _item(name: str, **seconds: float) -> Item:
    return Item(name, dict.fromkeys(KINDS, 0.0) | seconds)  # type: ignore[arg-type]
