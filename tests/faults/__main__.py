"""`make faults SEEDS="1 2 3"`: tries seeds one after the other, prints the table, and fails if one did."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nightreel.settings import PROJECT_ROOT
from tests.faults.faults import FAULTS
from tests.faults.material import Films
from tests.faults.plan import Plan, plan_of, seeds_of
from tests.faults.results import keep, kept, result_of, table
from tests.faults.shrink import shrunk
from tests.faults.trial import Trial, try_plan

FOLDER = PROJECT_ROOT / "build" / "faults"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every invariant held for every seed."""
    options = _options(arguments)
    failed: list[int] = []
    with tempfile.TemporaryDirectory(prefix="nightreel-films-") as folder:
        films = Films(Path(folder))
        for seed in options.seeds:
            plan = _plan(seed, options)
            trial = _try(plan, films)
            if not (options.without or options.only):
                keep(result_of(trial), FOLDER)
            if not trial.passed:
                failed.append(seed)
                _explain(trial)
                if options.shrink:
                    _shrink(plan, films)
    print(f"\n{table(kept(FOLDER), FAULTS)}\n")
    if failed:
        print(f"{len(failed)} of {len(options.seeds)} seeds failed: {' '.join(map(str, failed))}")
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("seeds", type=seeds_of, help="as '1 2 3' or '1-20'")
    parser.add_argument(
        "--without", type=int, nargs="*", default=[], help="leave out these strikes, from 0 on"
    )
    parser.add_argument("--only", choices=list(FAULTS), help="this kind of fault in place of the seed's own")
    parser.add_argument(
        "--no-shrink", dest="shrink", action="store_false", help="leave a failing seed as it is"
    )
    return parser.parse_args(arguments)


def _plan(seed: int, options: argparse.Namespace) -> Plan:
    kinds = [options.only] if options.only else list(FAULTS)
    return plan_of(seed, kinds).without(options.without)


def _try(plan: Plan, films: Films) -> Trial:
    strikes = "; ".join(map(str, plan.strikes)) or "nothing is broken"
    print(f"seed {plan.seed}: {strikes}; the poisoned title is: {plan.poison}", flush=True)
    began = time.monotonic()

    def tell(said: str) -> None:
        print(f"  {time.monotonic() - began:6.1f} s  {said}", flush=True)

    trial = try_plan(plan, films, tell, lambda home: _keep_logs(home, plan.seed))
    verdict = "all invariants hold" if trial.passed else f"{len(trial.failures)} sentences against it"
    tell(f"{verdict}, after {trial.nights} nights")
    return trial


def _keep_logs(home: Path, seed: int) -> None:
    target = FOLDER / f"seed-{seed}"
    shutil.rmtree(target, ignore_errors=True)
    for name in ("logs", "airflow/logs"):
        if (home / name).exists():
            shutil.copytree(home / name, target / name, symlinks=True)


def _explain(trial: Trial) -> None:
    print(f"\nseed {trial.plan.seed} failed:")
    for said in trial.failures:
        print(f"  - {said}")
    print(f'replay it: make faults SEEDS="{trial.plan.seed}"; its logs: {FOLDER / f"seed-{trial.plan.seed}"}')


def _shrink(plan: Plan, films: Films) -> None:
    smallest = shrunk(plan, lambda smaller: not _try(smaller, films).passed)
    dropped = [place for place, strike in enumerate(plan.strikes) if strike not in smallest.strikes]
    without = f" --without {' '.join(map(str, dropped))}" if dropped else ""
    print(
        f"smallest that fails: {'; '.join(map(str, smallest.strikes)) or 'no fault at all'}"
        f"\n  .venv/bin/python -m tests.faults {plan.seed}{without}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
