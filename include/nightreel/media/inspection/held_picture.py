"""A picture that ends before its sound: how long its last frame is held, and what is still cut."""

from collections.abc import Iterable, Mapping

from nightreel.figures import timecode
from nightreel.media.inspection.timeline import Span

GOES_ON_SECONDS = 0.5
"""Encoders and cameras end picture and sound a little apart; this much is cut."""
_FILLED_SHARE = 0.5


def held_for_sound(picture_end: float, sounds: Iterable[Span]) -> float:
    """How long, in seconds, the last frame is held because a sound continues, as players do.

    A sound's own end is believed if packets fill most of the time up to it: a single wrong time must not make
    a title ten hours long.
    """
    end = max((sound.end for sound in sounds if _is_filled(sound)), default=picture_end)
    goes_on = end - picture_end
    return goes_on if goes_on >= GOES_ON_SECONDS else 0.0


def cut_sounds(title_end: float, start: float, sounds: Mapping[int, Span]) -> tuple[str, ...]:
    """A sentence about every sound that continues after the title's end, by the index of its track.

    Times are those of the container; the title starts at `start`.
    """
    return tuple(
        f"Sound track {index} has more sound after the end of the picture, at {timecode(sound.end - start)}; "
        f"it was left out, because the sound before it has long gaps."
        for index, sound in sounds.items()
        if sound.end - title_end >= GOES_ON_SECONDS
    )


def _is_filled(span: Span) -> bool:
    return span.lasting > (span.end - span.start) * _FILLED_SHARE
