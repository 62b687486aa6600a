"""How long the questions take, as tables for people and as JSON for programs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.machine import Machine

SCAN_AND_CLAIM_AT_MOST = 0.050
_LONGEST = 70


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent, and the seconds until its answer had come."""

    text: str
    seconds: float

    @property
    def opening(self) -> str:
        """Enough of it to tell it from others."""
        line = re.sub(r"\s+", " ", self.text).strip()
        return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Answer:
    """One answer: how long it took altogether, in seconds, and its statements."""

    seconds: float
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Found:
    """The answers to each question, by mapping and name: all of them in the order in which they came."""

    machine: Machine
    server: str
    titles: int
    new: int
    answers: Mapping[str, Mapping[str, Sequence[Answer]]]
    scan_and_claim: tuple[str, ...]
    """The questions whose sum is judged."""

    def seconds(self, mapping: str, question: str) -> float:
        """The median of a question's answers."""
        return median(answer.seconds for answer in self.answers[mapping][question])

    def least(self, mapping: str, question: str) -> float:
        """The quickest of a question's answers: what is left of a busy machine's noise."""
        return min(answer.seconds for answer in self.answers[mapping][question])

    def together(self, mapping: str) -> tuple[float, float]:
        """The scan and the claims that follow it: of the medians, and of the quickest."""
        asked = self.scan_and_claim
        return (
            sum(self.seconds(mapping, question) for question in asked),
            sum(self.least(mapping, question) for question in asked),
        )


def tables(found: Found) -> RenderableType:
    """What was asked and how long it took, then each statement of the scan and the claims."""
    told = (
        f"{found.titles:,} movies, of which {found.new:,} are new; {found.server}; {found.machine}",
        f"scan and claim: at most {SCAN_AND_CLAIM_AT_MOST * 1000:.0f} ms, with marks",
    )
    return Group(*map(Text, told), _questions(found), *(_statements(found, each) for each in found.answers))


def _questions(found: Found) -> Table:
    heads = [f"{mapping}, {kind}" for mapping in found.answers for kind in ("ms", "least")]
    table = Table("question", *heads, box=None, pad_edge=False)
    for question in next(iter(found.answers.values())):
        seconds = [
            each(mapping, question) for mapping in found.answers for each in (found.seconds, found.least)
        ]
        table.add_row(question, *map(_ms, seconds))
    table.add_row(
        "scan and claim", *(_ms(each) for mapping in found.answers for each in found.together(mapping))
    )
    return table


def _statements(found: Found, mapping: str) -> Table:
    """Of the answer with the median, so that they add up."""
    table = Table(
        f"{mapping}: each statement of the scan and the claims", "ms", box=None, pad_edge=False, title=""
    )
    for question in found.scan_and_claim:
        answers = sorted(found.answers[mapping][question], key=lambda answer: answer.seconds)
        for statement in answers[(len(answers) - 1) // 2].statements:
            table.add_row(Text(statement.opening), _ms(statement.seconds))
    return table


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def as_json(found: Found) -> str:
    """Everything that was measured."""
    return json.dumps(asdict(found), indent=1)
