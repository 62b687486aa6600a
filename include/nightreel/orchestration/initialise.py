"""Runs once per deployment, after `airflow db migrate`: pools, catalog schema, mapping check.

  python -m nightreel.orchestration.initialise

Safe to repeat. If something is wrong, it ends with one sentence and exit code 2.
"""

import sys

from airflow.models.pool import Pool

from nightreel.errors import NightreelError
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.pools import pool_slots
from nightreel.settings import settings


def main() -> int:
    """Exit code: 0 when all is in place, 2 when a setting or the catalog is wrong."""
    try:
        for name, slots in pool_slots(settings()).items():
            Pool.create_or_update_pool(
                name, slots, "made by Nightreel from its settings", include_deferred=False
            )
            print(f"pool {name}: {slots} slots")
        catalog = open_catalog(settings())
        applied = catalog.schema.migrate()
        print(f"catalog migrations applied: {applied or 'none, up to date'}")
        catalog.schema.check_mapping()
        print("the mapping fits the catalog")
    except NightreelError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
