"""An event, and what is heard of sending it."""

import logging
from datetime import UTC, datetime

import pytest

from nightreel.catalog import Event
from nightreel.notify.receiver import NotDelivered, Receiver

EVENT = Event("6c1d8c5e-5b0e-4f0e-9d0a-0d7d6f3f2a11", "test", None, {}, datetime(2026, 1, 2, tzinfo=UTC))


def error_of_sending(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> str:
    """What it says when it fails, else nothing; meanwhile everything is logged that can be."""
    with caplog.at_level(logging.DEBUG):
        try:
            receiver.send(EVENT)
        except NotDelivered as error:
            return str(error)
    return ""
