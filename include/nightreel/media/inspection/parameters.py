"""What the parameter sets say of a whole picture track, whichever codec it has."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """`units` are the sets themselves; the other fields are those of `CodedPicture`."""

    units: frozenset[bytes]
    sets: dict[str, int]
    profile: int
    level: int
    high_tier: bool = False
    fields_allowed: bool
    begins_inside: bool
    shows_part: bool = False
    colour_codes: tuple[int, ...] = ()
