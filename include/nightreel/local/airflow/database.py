"""Run as a program: brings Airflow's metadata database up to date and creates the pools.

One process does both, because importing Airflow takes longer than the work. The pools are the arguments, as
`name=slots`. Ends with an error if anything failed.
"""

import sys

from airflow.models.pool import Pool
from airflow.utils.db import upgradedb

_DESCRIPTION = "made by Nightreel from its settings at each start"


def main(pools: list[str]) -> None:
    """Each pool is `name=slots`."""
    upgradedb()
    for pool in pools:
        name, slots = pool.split("=")
        Pool.create_or_update_pool(name, int(slots), _DESCRIPTION, include_deferred=False)


if __name__ == "__main__":
    main(sys.argv[1:])
