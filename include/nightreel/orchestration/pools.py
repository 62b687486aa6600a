"""The pools that limit how much is encoded and uploaded at once, on all workers together.

A person's title does not wait behind the night's encodes, because its own are in a separate pool. Airflow
sets the pool per task, not per run, so `cluster_policy` chooses it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightreel.settings import Settings

ENCODE = "encode"
ENCODE_MANUAL = "encode_manual"
UPLOAD = "upload"


def pool_slots(settings: "Settings") -> dict[str, int]:
    """Slots by pool. A task in a missing pool would never start."""
    return {
        ENCODE: settings.encode_slots,
        ENCODE_MANUAL: settings.manual_concurrency,
        UPLOAD: settings.upload_slots,
    }
