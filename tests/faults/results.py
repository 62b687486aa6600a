"""What seeds came to, kept from one invocation to the next, and the table of them."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from nightreel.places import PROJECT_ROOT
from tests.faults.trial import Trial

RECORD = Path(__file__).with_name("results.jsonl")
"""What the table in the docs was made of."""

BEGIN, END = "<!-- seeds -->", "<!-- /seeds -->"


@dataclass(frozen=True)
class Result:
    """What is kept of a seed: of each fault that found something to break, its kind and what it did."""

    seed: int
    plan: str
    """What the seed stood for then: with other faults it stands for another."""
    code: str
    """The commit that was tried, and `+` where files differed from it."""
    kinds: tuple[str, ...]
    passed: bool
    heal_seconds: float | None
    failures: tuple[str, ...]
    did: tuple[str, ...] = ()
    nights: int = 0
    seconds: float = 0.0
    """How long all of it took."""


def result_of(trial: Trial, seconds: float) -> Result:
    struck = [struck for struck in trial.struck if struck.did]
    return Result(
        seed=trial.plan.seed,
        plan=str(trial.plan),
        code=_code(),
        kinds=tuple(each.kind for each in struck),
        passed=trial.passed,
        heal_seconds=trial.heal_seconds,
        failures=trial.failures,
        did=tuple(str(each.did) for each in struck),
        nights=trial.nights,
        seconds=round(seconds, 1),
    )


def _code() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + (
        "+" if git("status", "--porcelain", "include", "dags") else ""
    )


def keep(result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{result.seed}.json").write_text(json.dumps(asdict(result), indent=2))


def kept(folder: Path, record: Path = RECORD) -> list[Result]:
    """In the order of their seeds: those of the folder, and of the record for seeds not tried since."""
    lines = record.read_text().splitlines() if record.exists() else []
    found = [*lines, *(path.read_text() for path in folder.glob("seed-*.json"))]
    latest = {result.seed: result for result in map(_read, found)}
    return sorted(latest.values(), key=lambda result: result.seed)


def _read(text: str) -> Result:
    said = json.loads(text)
    return Result(**{name: tuple(each) if isinstance(each, list) else each for name, each in said.items()})


def write_record(results: Iterable[Result], record: Path = RECORD) -> None:
    """A line of JSON for each, for another day or machine to go on from."""
    record.write_text("".join(f"{json.dumps(asdict(result), ensure_ascii=False)}\n" for result in results))


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
        seeds = " ".join(str(result.seed) if result.passed else f"**{result.seed}**" for result in tried)
        lines.append(f"| {kind} | {len(tried)} | {len(healed)} | {seconds} | {seeds or '–'} |")
    return "\n".join(lines)


def write_table(text: str, page: Path) -> None:
    """Between the marks of the page, in place of the table that is there."""
    before, mark, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
