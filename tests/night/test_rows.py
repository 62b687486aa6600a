"""How much a night takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.night.rows import ScannedRow, within_one_night


def row(number: int, hours: float | None = 1.0, size: int | None = None) -> ScannedRow:
    return ScannedRow(
        content_type="movie",
        content_id=str(number),
        source_bytes=size,
        source_duration=None if hours is None else hours * 3600,
    )


ROWS = st.lists(st.floats(0, 100), max_size=30).map(
    lambda lengths: [row(number, hours) for number, hours in enumerate(lengths)]
)


@given(ROWS, st.integers(1, 40), st.floats(0.1, 300))
def test_a_night_never_takes_more_than_either_cap_but_for_a_first_title_that_is_longer(
    rows: list[ScannedRow], max_titles: int, max_hours: float
) -> None:
    taken = within_one_night(rows, max_titles, max_hours)
    assert len(taken) <= max_titles
    assert len(taken) <= 1 or sum(each.hours for each in taken) <= max_hours


@given(ROWS, st.integers(1, 40), st.floats(0.1, 300))
def test_a_night_takes_the_first_titles_and_leaves_out_none_between(
    rows: list[ScannedRow], max_titles: int, max_hours: float
) -> None:
    taken = within_one_night(rows, max_titles, max_hours)
    assert taken == rows[: len(taken)]


@given(ROWS, st.integers(1, 40), st.floats(0.1, 300))
def test_a_night_takes_at_least_one_title_where_there_is_one(
    rows: list[ScannedRow], max_titles: int, max_hours: float
) -> None:
    assert bool(within_one_night(rows, max_titles, max_hours)) is bool(rows)


@given(ROWS, st.integers(1, 40), st.floats(0.1, 300))
def test_a_night_ends_only_where_the_next_title_would_be_too_much(
    rows: list[ScannedRow], max_titles: int, max_hours: float
) -> None:
    taken = within_one_night(rows, max_titles, max_hours)
    if len(taken) < min(len(rows), max_titles):
        assert sum(each.hours for each in [*taken, rows[len(taken)]]) > max_hours


@given(ROWS, st.integers(1, 40), st.floats(0.1, 300))
def test_a_longer_night_takes_the_same_titles_and_perhaps_more(
    rows: list[ScannedRow], max_titles: int, max_hours: float
) -> None:
    shorter = within_one_night(rows, max_titles, max_hours)
    longer = within_one_night(rows, max_titles + 1, max_hours * 2)
    assert longer[: len(shorter)] == shorter


def test_a_length_that_the_catalog_does_not_say_is_guessed_from_the_size() -> None:
    gigabyte = row(1, hours=None, size=1_800_000_000)
    assert gigabyte.hours == 1.0


def test_a_source_of_which_nothing_is_known_counts_as_a_film() -> None:
    assert row(1, hours=None).hours == 1.5


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_a_length_that_nothing_has_counts_as_unknown(seconds: float) -> None:
    said = row(1, hours=None, size=1_800_000_000).model_copy(update={"source_duration": seconds})
    assert (said.hours, said.length_from) == (1.0, "size")


@pytest.mark.parametrize("size", [0, -5])
def test_a_size_that_nothing_has_counts_as_unknown(size: int) -> None:
    assert row(1, hours=None, size=size).length_from == "nothing"
