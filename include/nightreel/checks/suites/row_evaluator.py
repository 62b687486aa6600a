"""Judges the rules that look at one value by themselves, in plain Python.

For callers that must answer at once and cannot wait for Great Expectations to be imported. As there,
only `present` has anything against a value that is None.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from nightreel.checks.suites.rules import Rule

_MEETS: Mapping[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "expect_column_values_to_not_be_null": lambda value, _: value is not None,
    "expect_column_values_to_be_in_set": lambda value, given: value is None or value in given["value_set"],
    "expect_column_values_to_match_regex": lambda value, given: (
        value is None or re.search(given["regex"], value) is not None
    ),
    "expect_column_values_to_be_between": lambda value, given: (
        value is None or given["min_value"] <= value <= given["max_value"]
    ),
}


def meets(row: object, rule: Rule) -> bool:
    """Whether one row meets the rule. Raises KeyError for rules of other kinds."""
    return _MEETS[rule.expectation](getattr(row, rule.arguments["column"]), rule.arguments)
