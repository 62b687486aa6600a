"""The tasks that tell others what happened."""

import logging
from datetime import timedelta

from airflow.sdk import get_current_context

from nightreel.notify.deliver import deliver_pending
from nightreel.notify.receivers import any_receivers
from nightreel.orchestration.connections import open_catalog
from nightreel.settings import settings

log = logging.getLogger(__name__)

_KEPT = timedelta(days=30)


def notify_of_run() -> None:
    """Tells every receiver what happened to this run. Raises NotificationsFailed."""
    if any_receivers(settings()):
        _deliver(str(get_current_context()["run_id"]))


def notify_of_miss(run_id: str) -> None:
    """Tries once, because there are no retries here; a failure is only logged, and left to housekeeping."""
    if not any_receivers(settings()):
        return
    try:
        _deliver(run_id)
    except Exception:
        log.exception("nobody was told that run %s missed its deadline", run_id)


def deliver_left_over() -> None:
    """Delivers what runs could not, and forgets old events. Raises NotificationsFailed."""
    forgotten = open_catalog(settings()).events.forget(_KEPT)
    log.info("forgot %d events", forgotten)
    if any_receivers(settings()):
        _deliver()


def _deliver(run_id: str | None = None) -> None:
    done = deliver_pending(open_catalog(settings()), settings(), run_id)
    log.info("notifications: %d delivered, %d given up, %d left", done.delivered, done.given_up, done.left)
