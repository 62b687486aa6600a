"""`make faults SEEDS="1 2 3"`: tries seeds one after the other, prints the table, and fails if one did."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nightreel.local.failures import StackFailed
from nightreel.places import PROJECT_ROOT
from tests.faults.faults import FAULTS
from tests.faults.material import Films
from tests.faults.plan import Plan, plan_of, seeds_of
from tests.faults.results import keep, kept, result_of, table, write_record, write_table
from tests.faults.scene import AWAY
from tests.faults.shrink import shrunk
from tests.faults.stage import Stage
from tests.faults.trial import Trial, try_plan

FOLDER = PROJECT_ROOT / "build" / "faults"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every invariant held for every seed."""
    options = _options(arguments)
    failed: list[int] = []
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="nightreel-films-") as folder,
        Stage(Films(Path(folder))) as stage,
    ):
        for seed in options.seeds:
            if options.minutes and time.monotonic() - started > options.minutes * 60:
                break
            plan = _plan(seed, options)
            if options.resume and _tried(plan):
                continue
            began = time.monotonic()
            trial = _try(plan, stage)
            if not (options.without or options.only):
                keep(result_of(trial, time.monotonic() - began), FOLDER)
            if not trial.passed:
                failed.append(seed)
                _explain(trial)
                if options.shrink:
                    _shrink(plan, stage)
    _tell_all(options.table)
    if failed:
        print(f"{len(failed)} of {len(options.seeds)} seeds failed: {' '.join(map(str, failed))}")
    return 1 if failed else 0


def _tried(plan: Plan) -> bool:
    return any(each.plan == str(plan) for each in kept(FOLDER) if each.seed == plan.seed)


def _tell_all(page: Path | None) -> None:
    """Of all seeds that stand for what they stood for when they were tried."""
    known = [each for each in kept(FOLDER) if each.plan == str(plan_of(each.seed, list(FAULTS)))]
    passed = sum(each.passed for each in known)
    text = f"{table(known, FAULTS)}\n\n{passed} of {len(known)} seeds passed."
    print(f"\n{text}")
    if page is not None:
        write_table(text, page)
        write_record(known)


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
    parser.add_argument(
        "--resume", action="store_true", help="leave out the seeds that have been tried already"
    )
    parser.add_argument("--minutes", type=float, help="begin no seed after so long")
    parser.add_argument("--table", type=Path, help="write the table of all seeds so far into this page")
    return parser.parse_args(arguments)


def _plan(seed: int, options: argparse.Namespace) -> Plan:
    kinds = [options.only] if options.only else list(FAULTS)
    return plan_of(seed, kinds).without(options.without)


def _try(plan: Plan, stage: Stage) -> Trial:
    print(f"seed {plan.seed}: {plan}", flush=True)
    began = time.monotonic()

    def tell(said: str) -> None:
        print(f"  {time.monotonic() - began:6.1f} s  {said}", flush=True)

    try:
        trial = try_plan(plan, stage, tell)
    except (StackFailed, *AWAY) as error:
        trial = Trial(plan, (), None, (f"the stack did not come back: {type(error).__name__}: {error}",), 0)
    verdict = "all invariants hold" if trial.passed else f"{len(trial.failures)} sentences against it"
    tell(f"{verdict}, after {trial.nights} nights")
    if not trial.passed:
        _keep_logs(stage.home, plan.seed)
        stage.clear()
    return trial


def _keep_logs(home: Path | None, seed: int) -> None:
    if home is None:
        return
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


def _shrink(plan: Plan, stage: Stage) -> None:
    smallest = shrunk(plan, lambda smaller: not _try(smaller, stage).passed)
    dropped = [place for place, strike in enumerate(plan.strikes) if strike not in smallest.strikes]
    without = f" --without {' '.join(map(str, dropped))}" if dropped else ""
    print(
        f"smallest that fails: {'; '.join(map(str, smallest.strikes)) or 'no fault at all'}"
        f"\n  .venv/bin/python -m tests.faults {plan.seed}{without}\n"
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
