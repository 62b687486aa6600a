"""docs/rules.md against the tests and the gate: no rule is only claimed."""

import ast
import re
from collections.abc import Iterator

import pytest

from nightreel.places import PROJECT_ROOT
from tests.checks import damages, damages_encryption, damages_kinds, damages_ts, reencodings

_PAGE = PROJECT_ROOT / "docs" / "rules.md"
_RULE = re.compile(r"[0-9]+\.[0-9]+|(RFC|DASH) .+")


def _rows(section: str) -> list[list[str]]:
    text = _PAGE.read_text("utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line
    ]
    return rows[2:]


_MET = {row[0]: row[3].strip("`") for row in _rows("Met")}


def _marked() -> set[str]:
    """The numbers that tests are marked with."""
    return {
        number
        for path in (PROJECT_ROOT / "tests").rglob("test_*.py")
        if "node_modules" not in path.parts
        for number in _marks(ast.parse(path.read_text("utf-8")))
    }


def _marks(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                    yield from (str(ast.literal_eval(argument)) for argument in mark.args)


def _damaged() -> set[str]:
    """The gate's rules that some test breaks on purpose."""
    return {
        rule
        for module in (damages, damages_encryption, damages_kinds, damages_ts, reencodings)
        for value in vars(module).values()
        if isinstance(value, tuple)
        for damage in value
        for rule in getattr(damage, "rules", ())
    }


_TRIED = _marked()
_BROKEN = _damaged()


@pytest.mark.parametrize("rule", _MET)
def test_a_rule_that_is_said_to_be_met_has_a_test(rule: str) -> None:
    assert rule in _TRIED or _MET[rule] in _BROKEN


@pytest.mark.parametrize("rule", [rule for rule, judged in _MET.items() if judged])
def test_a_rule_that_the_gate_judges_is_broken_by_a_test(rule: str) -> None:
    assert _MET[rule] in _BROKEN


def test_no_test_claims_a_rule_that_the_page_does_not_know() -> None:
    assert set(_MET) >= _TRIED


def test_the_page_names_rules_as_their_sources_do() -> None:
    assert [rule for rule in _MET if not _RULE.fullmatch(rule)] == []


def test_what_is_not_met_has_a_reason() -> None:
    assert [row[0] for row in _rows("Not met, and why") if len(row) != 3 or not row[2]] == []
