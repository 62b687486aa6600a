"""Renews a claim for as long as a step works under it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nightreel.errors import CatalogUnavailable, ClaimLost, TitleNotFound

if TYPE_CHECKING:
    from nightreel.orchestration.conversion.session import Conversion

log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 20.0


@contextmanager
def kept_alive(conversion: "Conversion") -> Iterator[None]:
    """Ends the conversion, by `Conversion.end`, once its claim is lost or could not be renewed in time."""
    stop = threading.Event()
    interval = min(_HEARTBEAT_SECONDS, conversion.settings.lease_seconds / 4)

    def beat() -> None:
        renewed = time.monotonic()
        while not stop.wait(interval):
            began = time.monotonic()
            try:
                conversion.catalog.leases.renew(conversion.claim, conversion.settings.lease)
            except (ClaimLost, TitleNotFound) as error:
                conversion.end(error)
                return
            except Exception as error:
                # Several beats come before the lease runs out.
                log.warning("the claim could not be renewed: %s", error)
                if began - renewed >= conversion.settings.lease_seconds:
                    conversion.end(_not_renewed(conversion, error))
                    return
            else:
                renewed = began

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _not_renewed(conversion: "Conversion", error: Exception) -> CatalogUnavailable:
    """Whose title it is now, the next try asks: it may still be this run's."""
    return CatalogUnavailable(
        f"the claim on {conversion.claim.title} could not be renewed before it expired "
        f"({conversion.settings.lease_seconds:g} seconds), so the work on it ends here: {error}"
    )
