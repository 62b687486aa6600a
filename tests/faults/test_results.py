"""What is kept of seeds, and the page that tells of it."""

from pathlib import Path

import pytest

from tests.faults.results import BEGIN, END, Result, keep, kept, write_record, write_table

RESULT = Result(7, "a plan", "abc", ("slow",), True, 3.5, (), ("slowed",), 2, 61.0)


def test_results_add_up_in_the_order_of_their_seeds_and_the_latest_of_a_seed_counts(tmp_path: Path) -> None:
    other = Result(3, "another", "abc", (), False, None, ("a sentence",))
    for result in (Result(7, "a plan", "abc", (), False, None, ("it failed",)), RESULT, other):
        keep(result, tmp_path)
    assert kept(tmp_path, tmp_path / "no record") == [other, RESULT]


def test_a_record_stands_for_the_seeds_that_were_not_tried_since(tmp_path: Path) -> None:
    record, earlier = tmp_path / "record.jsonl", Result(3, "a plan", "abc", (), True, 1.0, ())
    write_record([earlier, Result(7, "a plan", "abc", (), False, None, ("it failed",))], record)
    keep(RESULT, tmp_path)
    assert kept(tmp_path, record) == [earlier, RESULT]


def test_the_table_takes_the_place_of_the_one_before_and_of_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(f"before\n{BEGIN}\nan old table\n{END}\nafter\n")
    write_table("| a table |", page)
    assert page.read_text() == f"before\n{BEGIN}\n| a table |\n{END}\nafter\n"


def test_a_page_without_a_place_for_the_table_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "other.md"
    page.write_text("a page")
    with pytest.raises(ValueError, match=r"other\.md lacks the lines"):
        write_table("| a table |", page)
    assert page.read_text() == "a page"
