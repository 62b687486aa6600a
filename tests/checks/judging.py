"""A release against some rules only, which is quicker than against all of them."""

from dataclasses import replace

from nightreel.checks.expectations import suites_of_release
from nightreel.checks.facts.release import ReleaseFacts, measure_release
from nightreel.checks.judge import judge
from tests.checks.material import Material


def rules_not_met(material: Material, expected: tuple[str, ...]) -> set[str]:
    """Which of the expected rules refuse a release. One is enough: the gate wants them all met."""
    return facts_not_met(measure_release(material.directory, material.plan, material.key), material, expected)


def facts_not_met(facts: ReleaseFacts, material: Material, expected: tuple[str, ...]) -> set[str]:
    """The same of what was measured, wherever."""
    suites = suites_of_release(
        facts, material.plan, material.source, material.source.size_bytes, material.key
    )
    asked = [
        replace(suite, rules=tuple(rule for rule in suite.rules if rule.name in expected)) for suite in suites
    ]
    verdicts = judge([suite for suite in asked if suite.rules])
    return {found.rule for suite in verdicts for found in suite.verdicts if not found.passed}
