"""One thing after the other, so that one that cannot be done holds up no other."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from nightreel.errors import NightreelError, Transient

log = logging.getLogger(__name__)

T = TypeVar("T")

_SILENCES = 3
"""So many in a row, and the service is away: the others would only wait for it too."""


class NotAllDone(Transient):
    """Some could not be done, and the message names them; the others were."""


def try_each(things: Iterable[T], act: Callable[[T], object]) -> None:
    """Acts on each by itself. Raises NotAllDone at the end, when some could not be done.

    After three in a row that met a silent service, the rest is left for another time.
    """
    faults: list[str] = []
    silent = 0
    for thing in things:
        try:
            act(thing)
            silent = 0
        except (NightreelError, OSError) as error:
            log.warning("%s: %s", thing, error)
            faults.append(f"{thing}: {error}")
            silent = silent + 1 if isinstance(error, Transient) else 0
        if silent == _SILENCES:
            faults.append("the rest was left for another time")
            break
    if faults:
        raise NotAllDone("; ".join(faults))
