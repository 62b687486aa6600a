"""What a container cannot carry, and what is therefore left out of a title."""

from nightreel.media.renditions import AudioRendition
from nightreel.vocabulary.media import Container


def carried(sounds: tuple[AudioRendition, ...], container: Container) -> tuple[AudioRendition, ...]:
    """A transport stream has the stereo sound within every variant; there is no place for surround."""
    return sounds if container == "cmaf" else tuple(sound for sound in sounds if sound.channels == 2)


def left_out(sounds: tuple[AudioRendition, ...], container: Container) -> tuple[str, ...]:
    """Sentences about the sounds that are not carried."""
    missing = len(sounds) - len(carried(sounds, container))
    if not missing:
        return ()
    return (
        f"MPEG-TS carries the sound in stereo: {missing} surround track{'s were' if missing > 1 else ' was'} "
        "left out. With NIGHTREEL_CONTAINER=cmaf viewers get surround sound too.",
    )
