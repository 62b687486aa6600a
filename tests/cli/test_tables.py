"""Figures in the tables of the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.cli import tables
from nightreel.web.pages import figures


@pytest.mark.parametrize(
    ("count", "said"), [(None, ""), (0, "0 B"), (999, "999 B"), (999_960, "1.0 MB"), (1_234_567, "1.2 MB")]
)
def test_sizes_are_in_decimal_units(count: int | None, said: str) -> None:
    assert tables.size(count) == said


@given(st.integers(min_value=0, max_value=10**15))
def test_the_command_line_and_the_pages_write_a_size_alike(count: int) -> None:
    assert tables.size(count) == figures.size(count)
