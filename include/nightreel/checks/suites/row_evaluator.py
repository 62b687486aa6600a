"""Judges a row by a rule in plain Python, exactly as Great Expectations does.

For callers that cannot wait for that library to be imported. As there, a missing value meets every
rule but `present`, and but `same` where only one of the two is missing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from nightreel.checks.suites.rules import Rule

_Arguments = Mapping[str, Any]


def _between(value: Any, given: _Arguments) -> bool:
    low, high = given["min_value"], given["max_value"]
    return (low is None or low <= value) and (high is None or value <= high)


def _matches(value: Any, given: _Arguments) -> bool:
    return re.search(given["regex"], value) is not None


_MEETS: Mapping[str, Callable[[Any, _Arguments], bool]] = {
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": lambda value, given: value in given["value_set"],
    "expect_column_values_to_match_regex": _matches,
    "expect_column_values_to_be_null": lambda _value, _given: False,
}
"""Whether a value that is there meets an expectation."""


def meets(row: object, rule: Rule) -> bool:
    """Whether one row meets the rule. Raises KeyError for rules of other kinds."""
    values = [getattr(row, column) for column in rule.columns]
    if rule.expectation == "expect_column_pair_values_to_be_equal":
        first, second = values
        return first == second or (_missing(first) and _missing(second))
    if rule.expectation == "expect_column_values_to_not_be_null":
        return not _missing(values[0])
    judged = _MEETS[rule.expectation]
    return _missing(values[0]) or judged(values[0], rule.arguments)


def _missing(value: Any) -> bool:
    """None, or the float that is no number."""
    return value is None or value != value
