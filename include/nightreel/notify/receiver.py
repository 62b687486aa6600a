"""A receiver: an address that may contain a secret, and is therefore identified by a digest."""

import hashlib
from abc import ABC, abstractmethod

from pydantic import SecretStr

from nightreel.catalog import Event
from nightreel.errors import Transient


class NotDelivered(Transient):
    """The receiver did not accept the event. The message does not contain its address."""


class ReceiverGone(NotDelivered):
    """The receiver says that it no longer accepts messages."""


class Receiver(ABC):
    """One address. `name` tells people which one it is, without its secrets."""

    name: str

    def __init__(self, address: SecretStr) -> None:
        self._address = address

    @property
    def id(self) -> str:
        """The same for the same address; reveals nothing about it."""
        digest = hashlib.sha256(self._address.get_secret_value().encode())
        return digest.hexdigest()[:16]

    @abstractmethod
    def send(self, event: Event) -> None:
        """Returns once the receiver has accepted the event. Raises NotDelivered, or ReceiverGone."""
