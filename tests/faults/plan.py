"""What a seed stands for: which titles there are, what is broken, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

Poison = Literal["cut short", "no video", "missing", "hostile name", "refused address"]
POISONS: tuple[Poison, ...] = ("cut short", "no video", "missing", "hostile name", "refused address")

_BUSY_SECONDS = 20.0
"""Within so long of the first night's beginning something is broken: its titles are in work then."""


@dataclass(frozen=True)
class Strike:
    """One fault: what it is, and how many seconds after the first night began."""

    kind: str
    at: float
    seed: int
    """Of what the fault itself leaves to chance."""

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:.1f} s"


@dataclass(frozen=True)
class Plan:
    """Everything that a seed decides."""

    seed: int
    poison: Poison
    strikes: tuple[Strike, ...]

    def __str__(self) -> str:
        strikes = "; ".join(map(str, self.strikes)) or "nothing is broken"
        return f"{strikes}; the poisoned title is: {self.poison}"

    def without(self, indexes: Sequence[int]) -> "Plan":
        """The same, but for some of its strikes, by their place."""
        kept = tuple(each for place, each in enumerate(self.strikes) if place not in indexes)
        return replace(self, strikes=kept)


def plan_of(seed: int, kinds: Sequence[str]) -> Plan:
    """The plan of a seed: one or two faults out of `kinds`. The same seed gives the same plan.

    The first fault goes round the kinds in their order, so that as many seeds as there are kinds
    try each of them.
    """
    random = Random(seed)
    poison = random.choice(POISONS)
    chosen = [kinds[(seed - 1) % len(kinds)]]
    if random.random() < 0.5:
        chosen.append(random.choice(kinds))
    strikes = [
        Strike(kind, round(random.uniform(0, _BUSY_SECONDS), 1), random.getrandbits(32)) for kind in chosen
    ]
    return Plan(seed, poison, tuple(sorted(strikes, key=lambda strike: strike.at)))


def seeds_of(words: str) -> list[int]:
    """The seeds that `1 2 3`, `1-20` or a mixture of both names. Raises ValueError for anything else."""
    seeds: list[int] = []
    for word in words.replace(",", " ").split():
        first, dash, last = word.partition("-")
        seeds += range(int(first), int(last) + 1) if dash else [int(first)]
    if any(seed < 1 for seed in seeds):
        raise ValueError("a seed is a number from 1 on")
    return seeds
