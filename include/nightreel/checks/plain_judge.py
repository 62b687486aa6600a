"""Judges suites in plain Python: the same verdicts as those of `judge`, at once and without a report."""

from collections.abc import Sequence

from nightreel.checks.suites.row_evaluator import meets
from nightreel.checks.suites.rules import Rule, Suite
from nightreel.checks.verdicts import LISTED_ROWS, FailedRow, SuiteVerdict, Verdict, observed


def judge_plainly(suites: Sequence[Suite]) -> tuple[SuiteVerdict, ...]:
    """Judge suites. Raises KeyError for a kind of rule that only `judge` knows."""
    return tuple(
        SuiteVerdict(suite.name, tuple(_verdict(suite, rule) for rule in suite.rules)) for suite in suites
    )


def _verdict(suite: Suite, rule: Rule) -> Verdict:
    failed = [
        FailedRow(position, row.name, tuple(getattr(row, column) for column in rule.columns))
        for position, row in enumerate(suite.rows)
        if not meets(row, rule)
    ]
    return Verdict(
        suite=suite.name,
        expectation=rule.expectation,
        column=", ".join(rule.columns),
        rule=rule.name,
        sentence=rule.sentence,
        observed=observed(failed, len(failed)),
        passed=not failed,
        is_advice=rule.is_advice,
        failed_rows=tuple(row.position for row in failed[:LISTED_ROWS]),
    )
