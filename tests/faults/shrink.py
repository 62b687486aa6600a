"""Drops faults from a plan that fails, for as long as it goes on failing."""

from collections.abc import Callable

from tests.faults.plan import Plan


def shrunk(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """The plan, less those strikes that it fails without, dropped one at a time."""
    for place in range(len(plan.strikes)):
        smaller = plan.without([place])
        if fails(smaller):
            return shrunk(smaller, fails)
    return plan
