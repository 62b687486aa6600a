"""No damaged release passes the gate, and each damage is named by the rule that is meant for it."""

from pathlib import Path

import pytest

from tests.checks.damages import DAMAGES
from tests.checks.damages_stills import STILL_DAMAGES
from tests.checks.damaging import Damage
from tests.checks.judging import rules_not_met
from tests.checks.material import Material
from tests.checks.reencodings import REENCODINGS, Reencoding, reencode


@pytest.mark.parametrize("damage", [*DAMAGES, *STILL_DAMAGES], ids=lambda damage: damage.name)
def test_the_gate_refuses(damage: Damage, copied: Material) -> None:
    damage.apply(copied.directory)

    assert rules_not_met(copied, damage.rules) == set(damage.rules)


@pytest.mark.parametrize("damage", REENCODINGS, ids=lambda damage: damage.name)
def test_the_gate_refuses_a_rendition_with(damage: Reencoding, undamaged: Material, tmp_path: Path) -> None:
    material = reencode(undamaged, damage, tmp_path)

    assert rules_not_met(material, damage.rules) == set(damage.rules)
