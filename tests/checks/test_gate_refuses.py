"""No damaged release passes the gate, and each damage is named by the rule that is meant for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from nightreel.checks.facts.release import measure_release
from nightreel.checks.gate import suites_for
from nightreel.checks.judge import judge
from tests.checks.damages import DAMAGES
from tests.checks.damages_stills import STILL_DAMAGES
from tests.checks.damaging import Damage
from tests.checks.material import Material
from tests.checks.reencodings import REENCODINGS, Reencoding, reencode


def rules_not_met(material: Material, expected: tuple[str, ...]) -> set[str]:
    """Which of the expected rules refuse a release. One is enough: the gate wants them all met."""
    facts = measure_release(material.directory, material.plan)
    suites = suites_for(facts, material.plan, material.source, material.source.size_bytes)
    asked = [
        replace(suite, rules=tuple(rule for rule in suite.rules if rule.name in expected)) for suite in suites
    ]
    verdicts = judge([suite for suite in asked if suite.rules])
    return {found.rule for suite in verdicts for found in suite.verdicts if not found.passed}


@pytest.mark.parametrize("damage", [*DAMAGES, *STILL_DAMAGES], ids=lambda damage: damage.name)
def test_the_gate_refuses(damage: Damage, copied: Material) -> None:
    damage.apply(copied.directory)

    assert rules_not_met(copied, damage.rules) == set(damage.rules)


@pytest.mark.parametrize("damage", REENCODINGS, ids=lambda damage: damage.name)
def test_the_gate_refuses_a_rendition_with(damage: Reencoding, undamaged: Material, tmp_path: Path) -> None:
    material = reencode(undamaged, damage, tmp_path)

    assert rules_not_met(material, damage.rules) == set(damage.rules)
