"""Seeds, the plans that they stand for, and how a plan that fails is made smaller."""

import pytest

from tests.faults.faults import FAULTS
from tests.faults.plan import Plan, plan_of, seeds_of
from tests.faults.results import Result, table
from tests.faults.shrink import shrunk


def test_a_seed_always_stands_for_the_same_plan() -> None:
    assert plan_of(7, list(FAULTS)) == plan_of(7, list(FAULTS))
    assert len({plan_of(seed, list(FAULTS)) for seed in range(1, 50)}) == 49


def test_as_many_seeds_as_there_are_faults_try_each_of_them() -> None:
    plans = [plan_of(seed, list(FAULTS)) for seed in range(1, len(FAULTS) + 1)]
    assert {strike.kind for plan in plans for strike in plan.strikes} == set(FAULTS)
    assert {len(plan.strikes) for plan in plans} == {1, 2}


def test_seeds_are_given_one_by_one_or_from_one_to_another() -> None:
    assert seeds_of("3 1 5-7,9") == [3, 1, 5, 6, 7, 9]
    for wrong in ("x", "0", "3-"):
        with pytest.raises(ValueError, match=r"."):
            seeds_of(wrong)


def test_a_plan_that_fails_is_left_with_what_it_fails_by() -> None:
    plan = next(
        plan for plan in (plan_of(seed, list(FAULTS)) for seed in range(1, 50)) if len(plan.strikes) == 2
    )
    first, second = plan.strikes

    def fails_by(*needed: object) -> Plan:
        return shrunk(plan, lambda smaller: set(needed) <= set(smaller.strikes))

    assert fails_by(second).strikes == (second,)
    assert fails_by(first).strikes == (first,)
    assert fails_by(first, second) == plan
    assert fails_by().strikes == ()


def test_the_table_counts_a_fault_once_for_each_seed_that_it_struck() -> None:
    results = [
        Result(1, "", "", ("slow", "killed"), True, 61.2, ()),
        Result(2, "", "", ("slow",), False, None, ("a sentence",)),
        Result(3, "", "", ("slow",), True, 9.0, ()),
    ]
    assert table(results, ["slow", "killed", "never"]).splitlines()[2:] == [
        "| slow | 3 | 2 | 61 s | 1 **2** 3 |",
        "| killed | 1 | 1 | 61 s | 1 |",
        "| never | 0 | 0 | – | – |",
    ]
