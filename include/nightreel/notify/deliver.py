"""Every event to every receiver, at least once."""

import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nightreel.catalog import Catalog, Delivery, Event
from nightreel.errors import Transient
from nightreel.notify.receiver import NotDelivered, Receiver, ReceiverGone
from nightreel.notify.receivers import any_receivers, receivers_of
from nightreel.settings import Settings

log = logging.getLogger(__name__)

MAX_AGE = timedelta(days=3)
"""How long delivery of an event is tried: a weekend, and a day."""


class NotificationsFailed(Transient):
    """A receiver did not accept an event; it is tried again."""


@dataclass(frozen=True)
class Delivered:
    """How many events were delivered, were given up, and were left for later."""

    delivered: int = 0
    given_up: int = 0
    left: int = 0


@dataclass(frozen=True)
class Answer:
    """A receiver's answer to a test; without an `error` it accepted the test."""

    receiver: str
    error: str | None


def deliver_pending(catalog: Catalog, settings: Settings, run_id: str | None = None) -> Delivered:
    """Delivers what was not delivered yet; with `run_id`, only what happened to that run.

    A receiver that fails is not tried again this time, so that one that hangs costs only one timeout.
    Raises NotificationsFailed when something is left that is worth trying again soon. A run does not wait
    for a receiver that recently failed other runs.
    """
    if not any_receivers(settings):
        return Delivered()
    receivers = {receiver.id: receiver for receiver in receivers_of(settings)}
    errors: dict[str, str] = {}
    delivered = given_up = left = 0
    for pending in catalog.deliveries.undelivered(list(receivers), settings.notify_on, MAX_AGE, run_id):
        if pending.receiver in errors:
            left += 1
            continue
        with catalog.deliveries.delivering(pending) as delivery:
            if delivery is None:
                continue
            try:
                _attempt(receivers[pending.receiver], delivery)
                delivered += 1
            except ReceiverGone:
                given_up += 1
            except NotDelivered as error:
                errors[pending.receiver] = str(error)
                left += 1
    for said in errors.values():
        log.warning("not notified: %s", said)
    soon = [
        said
        for receiver, said in errors.items()
        if run_id is None or not catalog.deliveries.is_down(receiver, run_id)
    ]
    if soon:
        raise NotificationsFailed(f"{left} notifications are left: {'; '.join(soon)}")
    return Delivered(delivered, given_up, left)


def _attempt(receiver: Receiver, delivery: Delivery) -> None:
    try:
        receiver.send(delivery.event)
    except ReceiverGone as error:
        delivery.given_up(str(error))
        raise
    except NotDelivered as error:
        delivery.failed(str(error))
        raise
    delivery.succeeded()


def send_test(settings: Settings) -> list[Answer]:
    """Sends every receiver an event that is marked as a test, and stores nothing."""
    event = Event(str(uuid.uuid4()), "test", None, {}, datetime.now(UTC))
    return [Answer(receiver.name, _error(receiver, event)) for receiver in receivers_of(settings)]


def _error(receiver: Receiver, event: Event) -> str | None:
    try:
        receiver.send(event)
    except NotDelivered as error:
        return str(error)
    return None
