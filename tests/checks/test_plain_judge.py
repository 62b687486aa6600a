"""Both judges say the same: Great Expectations, and the one that needs no import of it."""

import math
from dataclasses import dataclass
from itertools import cycle, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.checks.judge import judge
from nightreel.checks.plain_judge import judge_plainly
from nightreel.checks.suites.row_evaluator import meets
from nightreel.checks.suites.rules import (
    Rule,
    Suite,
    absent,
    advised,
    among,
    exactly,
    holds,
    matches,
    present,
    same,
    within,
)


@dataclass(frozen=True)
class Row:
    name: str
    figure: float | None
    other: float | None
    text: str | None
    label: str | None
    flag: bool | None


figures = st.none() | st.integers(-3, 3) | st.integers() | st.floats(-3, 3) | st.floats()
texts = st.none() | st.sampled_from(["", "a", "b", "nan", "None"]) | st.text(max_size=5)
bounds = st.none() | st.integers(-3, 3) | st.floats(-3, 3)
rows = st.builds(Row, st.text("abc", max_size=3), figures, figures, texts, texts, st.none() | st.booleans())


def whole_suite(low: float | None, high: float | None, figure: float, text: str) -> tuple[Rule, ...]:
    """A rule of every kind that suites use, on every kind of value on which they use it."""
    return (
        within("within", "figure", low, high, "it is beyond the bounds"),
        exactly("exactly", "figure", figure, "it is another number"),
        among("among-figures", "figure", [figure, 2], "it is none of these numbers"),
        among("among-texts", "text", [text, "a"], "it is none of these texts"),
        among("false", "flag", [False], "it is so"),
        holds("holds", "flag", "it is not so"),
        present("figure-present", "figure", "there is no number"),
        present("text-present", "text", "there is no text"),
        absent("figure-absent", "figure", "there is a number"),
        absent("text-absent", "text", "there is a text"),
        matches("matches", "text", "^[ab]", "it does not begin so"),
        same("same-figures", "figure", "other", "the numbers differ"),
        same("same-texts", "text", "label", "the texts differ"),
        advised(within("advice", "other", low, high, "it could be better")),
    )


def suites(rows_given: list[Row], rules: tuple[Rule, ...]) -> tuple[Suite, ...]:
    return (Suite("every", Row, tuple(rows_given), rules),)


@settings(max_examples=15, deadline=None)
@given(st.lists(rows, max_size=30), bounds, bounds, st.integers(-3, 3) | st.floats(-3, 3), texts.filter(bool))
def test_both_judges_say_the_same_of_any_rows(
    given_rows: list[Row], low: float | None, high: float | None, figure: float, text: str
) -> None:
    judged = suites(given_rows, whole_suite(*_bounds(low, high), figure, text))

    assert judge_plainly(judged) == judge(judged)


@settings(max_examples=10, deadline=None)
@given(st.lists(figures, max_size=4), st.lists(texts, max_size=2), bounds, bounds, st.integers(-3, 3))
def test_both_judges_refuse_the_same_rows_of_all_pairs_of_values(
    drawn: list[float | None], words: list[str | None], low: float | None, high: float | None, figure: int
) -> None:
    numbers = [None, math.nan, math.inf, -math.inf, 0, -0.0, 1, 1.0, 2.5, float(figure), low, high, *drawn]
    pairs = product(numbers, numbers)
    more = product([None, "", "a", "".join(["a"]), "b", "None", *words], repeat=2)
    flags = cycle([None, True, False])
    every = [
        Row(str(place), *pair, *words_said, next(flags))
        for place, (pair, words_said) in enumerate(zip(pairs, cycle(more), strict=False))
    ]
    rules = whole_suite(*_bounds(low, high), figure, "b")

    (judged,) = judge(suites(every, rules), every_row=True)

    assert [verdict.failed_rows for verdict in judged.verdicts] == [
        tuple(place for place, row in enumerate(every) if not meets(row, rule)) for rule in rules
    ]


def _bounds(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """As rules have them: one of the two at least, and in their order."""
    if low is None and high is None:
        return 0, None
    if low is None or high is None:
        return low, high
    return min(low, high), max(low, high)


def test_a_finding_names_the_first_rows_and_counts_the_others() -> None:
    many = [Row(f"row {number}", number, None, None, None, None) for number in range(30)]

    (found,) = judge_plainly(suites(many, (absent("none", "figure", "A number is there"),)))

    (verdict,) = found.verdicts
    assert str(verdict) == (
        "A number is there: row 0 (0); row 1 (1); row 2 (2); row 3 (3); row 4 (4); and 25 more"
    )
    assert verdict.failed_rows == tuple(range(20))


def test_a_rule_of_another_kind_is_not_judged() -> None:
    rule = Rule("longest", "It is too long", "expect_column_value_lengths_to_be_between", {"column": "text"})

    with pytest.raises(KeyError):
        judge_plainly(suites([Row("a", None, None, None, None, None)], (rule,)))


def test_no_rows_meet_every_rule() -> None:
    assert all(each.passed for each in judge_plainly(suites([], whole_suite(0, 1, 0, "a"))))
