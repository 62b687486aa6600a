"""What seeds came to, kept from one invocation to the next, and the table of them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.trial import Trial


@dataclass(frozen=True)
class Result:
    """What is kept of a seed: of each fault that found something to break, its kind."""

    seed: int
    kinds: tuple[str, ...]
    passed: bool
    heal_seconds: float | None
    failures: tuple[str, ...]


def result_of(trial: Trial) -> Result:
    kinds = tuple(struck.kind for struck in trial.struck if struck.did)
    return Result(trial.plan.seed, kinds, trial.passed, trial.heal_seconds, trial.failures)


def keep(result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{result.seed}.json").write_text(json.dumps(asdict(result), indent=2))


def kept(folder: Path) -> list[Result]:
    """In the order of their seeds."""
    found = [json.loads(path.read_text()) for path in folder.glob("seed-*.json")]
    made = [
        Result(**{**each, "kinds": tuple(each["kinds"]), "failures": tuple(each["failures"])})
        for each in found
    ]
    return sorted(made, key=lambda result: result.seed)


def table(results: Iterable[Result], kinds: Iterable[str]) -> str:
    """Markdown: every kind, how often it was tried, how often all invariants held, the worst time to heal."""
    known = list(results)
    lines = ["| fault | tried | healed | worst time to heal | seeds |", "|---|--:|--:|--:|---|"]
    for kind in kinds:
        tried = [result for result in known if kind in result.kinds]
        healed = [result for result in tried if result.passed]
        worst = max(
            (result.heal_seconds for result in healed if result.heal_seconds is not None), default=None
        )
        seconds = "–" if worst is None else f"{worst:.0f} s"
        seeds = ", ".join(str(result.seed) if result.passed else f"**{result.seed}**" for result in tried)
        lines.append(f"| {kind} | {len(tried)} | {len(healed)} | {seconds} | {seeds or '–'} |")
    return "\n".join(lines)
