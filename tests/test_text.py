"""Other people's words in a line of ours."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.text import escaped, one_line, shown_name

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@given(st.text(), st.integers(1, 300))
def test_a_line_is_one_and_no_longer_than_asked_for(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line.splitlines()) <= 1
    assert len(line) <= longest
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") or c in TURNING for c in line)
    assert one_line(line, longest) == line


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200))
def test_what_can_be_seen_and_is_short_stays_as_it_is(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  The\r\n\tFilm\u2028II ", "The Film II"),
        ("x" * 500, "x" * 199 + "…"),
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202edlrow", "dlrow"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("\ud800", ""),
    ],
)
def test_lines_are_written_like_this(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize("name", ["", " \n", "\u202e\u200f", "\x00"])
def test_a_title_without_a_name_that_can_be_seen_is_named_by_its_id(name: str) -> None:
    assert shown_name(name, "movie", "7") == "movie 7"
    assert shown_name("7 Samurai", "movie", "7") == "7 Samurai"


@given(st.text())
def test_what_is_escaped_is_one_line_from_which_the_text_can_be_told(text: str) -> None:
    line = escaped(text, 10_000)
    assert line.isprintable() or set(line) & {"\u200c", "\u200d"}
    assert len(line.splitlines()) <= 1


def test_escapes_are_those_of_python_and_the_end_may_be_cut() -> None:
    assert escaped("a\nb\x1b\u202e\\", 100) == r"a\nb\x1b\u202e" + "\\"
    assert escaped("abc", 2) == "ab…"
