"""The pools that cap how much is encoded and uploaded at once, on all workers together.

A person's title does not wait behind the night's encodes: its own go into a pool of their own.
Airflow sets the pool per task, not per run, so `cluster_policy` chooses it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightreel.settings import Settings

ENCODE = "encode"
ENCODE_MANUAL = "encode_manual"
UPLOAD = "upload"


def pool_slots(settings: "Settings") -> dict[str, int]:
    """Slots by pool. A task in a pool that does not exist would never start."""
    return {
        ENCODE: settings.encode_slots,
        ENCODE_MANUAL: settings.manual_concurrency,
        UPLOAD: settings.upload_slots,
    }
