"""What a judgement says of each rule, whoever judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LISTED_ROWS = 20
"""How many failed rows a verdict lists, unless all are asked for."""
_NAMED_IN_A_FINDING = 5


@dataclass(frozen=True)
class Verdict:
    """One expectation, judged. `observed` names the rows that failed and what they hold."""

    suite: str
    expectation: str
    column: str
    rule: str
    sentence: str
    observed: str
    passed: bool
    is_advice: bool = False
    failed_rows: tuple[int, ...] = ()
    """Positions of failed rows; at most `LISTED_ROWS`, unless all were asked for."""

    @property
    def refuses(self) -> bool:
        """Whether it keeps the release from being published."""
        return not self.passed and not self.is_advice

    def __str__(self) -> str:
        return f"{self.sentence}: {self.observed}" if self.observed else self.sentence


@dataclass(frozen=True)
class SuiteVerdict:
    """All verdicts of one suite."""

    name: str
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether none of its rules refuses."""
        return not any(verdict.refuses for verdict in self.verdicts)


@dataclass(frozen=True)
class FailedRow:
    """A row that does not meet a rule. `values` are those of the rule's columns, in their order."""

    position: int
    name: str
    values: tuple[Any, ...]

    def __str__(self) -> str:
        if all(isinstance(value, bool) for value in self.values):
            return self.name
        return f"{self.name} ({' instead of '.join(_told(value) for value in self.values)})"


def observed(failed: Sequence[FailedRow], count: int) -> str:
    """The first of the failed rows, and how many there are beside them of `count`."""
    told = [str(row) for row in failed[:_NAMED_IN_A_FINDING]]
    rest = count - len(told)
    return "; ".join(told) + (f"; and {rest} more" if rest > 0 else "")


def _told(value: Any) -> str:
    if value is None or value != value or value == "":
        return "nothing"
    if isinstance(value, float):
        return "not measurable" if value in (float("inf"), float("-inf")) else f"{value:.6g}"
    return str(value)
