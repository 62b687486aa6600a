"""What a title's owner is told about tracks that were left out."""

from collections import defaultdict
from collections.abc import Iterable

from nightreel.media.source import FoundTrack

_NOT_SHOWN = {"data", "attachment"}
"""Kinds with nothing for viewers: time codes, sensors, fonts."""
_KINDS = {"video": "picture", "audio": "sound", "subtitle": "subtitle"}


def sentences(tracks: Iterable[FoundTrack], taken: set[int]) -> tuple[str, ...]:
    """A sentence about every track of the source that is not among those `taken`, by index.

    What inspection says about a track takes precedence. The others are reported together, by kind, so that no
    track is lost silently, whatever its kind.
    """
    said: list[str] = []
    untold: dict[str, list[int]] = defaultdict(list)
    for track in tracks:
        if track.left_out:
            said.append(track.left_out)
        elif track.index not in taken and track.kind not in _NOT_SHOWN:
            untold[_KINDS.get(track.kind, track.kind)].append(track.index)
    return (*said, *(_together(kind, indexes) for kind, indexes in untold.items()))


def _together(kind: str, indexes: list[int]) -> str:
    several = len(indexes) > 1
    numbers = ", ".join(map(str, indexes))
    return (
        f"The {kind} track{'s' if several else ''} {numbers} {'were' if several else 'was'} left out: "
        "a title can have no more."
    )
