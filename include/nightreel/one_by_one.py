"""Acts on things one by one, so that one that fails does not hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from nightreel.errors import NightreelError, Transient

log = logging.getLogger(__name__)

T = TypeVar("T")

_SILENCES = 3
"""After this many in a row the service counts as away: the others would only wait too."""


class NotAllDone(Transient):
    """Some could not be done, and the message names them; the others were."""


def try_each(things: Iterable[T], act: Callable[[T], object]) -> None:
    """Acts on each thing. Raises NotAllDone at the end, if some could not be done.

    After three in a row that the service did not answer, the rest is left for another time.
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
