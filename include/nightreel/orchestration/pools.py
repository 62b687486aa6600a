"""The pools that cap how much is encoded and uploaded at once, on all workers together."""

from nightreel.settings import Settings

ENCODE = "encode"
UPLOAD = "upload"


def pool_slots(settings: Settings) -> dict[str, int]:
    """Slots by pool. A task in a pool that does not exist would wait for ever."""
    return {ENCODE: settings.encode_slots, UPLOAD: settings.upload_slots}
