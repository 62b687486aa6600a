"""Rules: one expectation on one column, with its name and a sentence for people.

They become Great Expectations' own expectations when they are judged; until then they are
plain data, because importing that library takes seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any

MISSING = inf
"""The error of a figure that should be there and is not: outside every tolerance.

A column is None only where its rule does not apply to the row.
"""


@dataclass(frozen=True)
class Rule:
    """One expectation. `name` is stable and names the rule; `sentence` says what is wrong.

    Advice is reported but refuses nothing: what Apple says SHOULD be, and no encoder can guarantee.
    `by_track` tells whether the facts of a track are enough to judge the rows about it. The other
    rules compare tracks with each other or with a manifest: they are judged of the whole set.
    """

    name: str
    sentence: str
    expectation: str
    arguments: Mapping[str, Any]
    is_advice: bool = False
    by_track: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at in a row: a column, or two."""
        given = (self.arguments.get(key) for key in ("column", "column_A", "column_B"))
        return tuple(column for column in given if column)


@dataclass(frozen=True)
class Suite:
    """A named list of rules and the table that they are judged on."""

    name: str
    row_type: type
    rows: Sequence[Any]
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the row's fields, in their order."""
        return tuple(field.name for field in fields(self.row_type))


def within(name: str, column: str, low: float | None, high: float | None, sentence: str) -> Rule:
    """Every value lies between two bounds, both included."""
    return Rule(
        name,
        sentence,
        "expect_column_values_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
    )


def exactly(name: str, column: str, value: float, sentence: str) -> Rule:
    """Every value is this number."""
    return within(name, column, value, value, sentence)


def among(name: str, column: str, values: Sequence[object], sentence: str) -> Rule:
    """Every value is one of these."""
    return Rule(
        name, sentence, "expect_column_values_to_be_in_set", {"column": column, "value_set": list(values)}
    )


def holds(name: str, column: str, sentence: str) -> Rule:
    """Every value is true."""
    return among(name, column, [True], sentence)


def present(name: str, column: str, sentence: str) -> Rule:
    """Every row has a value."""
    return Rule(name, sentence, "expect_column_values_to_not_be_null", {"column": column})


def absent(name: str, column: str, sentence: str) -> Rule:
    """No row has a value: the column holds faults."""
    return Rule(name, sentence, "expect_column_values_to_be_null", {"column": column})


def matches(name: str, column: str, pattern: str, sentence: str) -> Rule:
    """In every value this regular expression is found."""
    return Rule(name, sentence, "expect_column_values_to_match_regex", {"column": column, "regex": pattern})


def same(name: str, column: str, other: str, sentence: str) -> Rule:
    """Two columns are equal in every row that has either."""
    return Rule(
        name,
        sentence,
        "expect_column_pair_values_to_be_equal",
        {"column_A": column, "column_B": other, "ignore_row_if": "both_values_are_missing"},
    )


def advised(rule: Rule) -> Rule:
    """The same rule, as advice."""
    return replace(rule, is_advice=True)


def of_track(*rules: Rule) -> tuple[Rule, ...]:
    """The same rules, each by which a track is judged alone too."""
    return tuple(replace(rule, by_track=True) for rule in rules)
