"""Whether a source's sound may be published as it is, packet by packet, and why not."""

from collections.abc import Callable, Iterator
from itertools import chain

from nightreel.media.coded_sound import CodedSound
from nightreel.media.planning import sound_copy_reasons
from nightreel.media.planning.plan import Plan
from nightreel.media.planning.sound_copy_reasons import Span
from nightreel.media.renditions import AudioRendition
from nightreel.media.source import SourceProbe


def why_not_copied(source: SourceProbe, plan: Plan, sound: AudioRendition) -> tuple[str, ...]:
    """A sentence for each reason against copying a sound of the plan, in stereo; empty if it may be copied.

    Deterministic. Needs a source that was inspected with `sounds_for_copying`.
    """
    return tuple(
        f"Sound track {sound.stream} is not copied: {reason}." for reason in _reasons(source, plan, sound)
    )


def coding_of(source: SourceProbe, sound: AudioRendition) -> CodedSound | None:
    """How the source's track is coded that a rendition is made of."""
    return next((coded for coded in source.coded_sounds if coded.index == sound.stream), None)


def _reasons(source: SourceProbe, plan: Plan, sound: AudioRendition) -> Iterator[str]:
    general = list(chain.from_iterable(rule(source, sound) for rule in _OF_ANY_SOUND))
    yield from general
    coded = coding_of(source, sound)
    if coded is None:
        if not general:
            yield "the file has no description of its coding"
        return
    form = list(chain.from_iterable(rule(coded, sound) for rule in _OF_FORM))
    yield from form
    if not form:
        # Of other forms, times and rates are not those that are asked for here.
        yield from sound_copy_reasons.elsewhere(coded, Span.of(plan, source))
        yield from sound_copy_reasons.high_rate(coded, sound)


_OF_ANY_SOUND: tuple[Callable[[SourceProbe, AudioRendition], Iterator[str]], ...] = (
    sound_copy_reasons.codec,
    sound_copy_reasons.joined,
    sound_copy_reasons.restarted,
    sound_copy_reasons.damaged,
)
_OF_FORM: tuple[Callable[[CodedSound, AudioRendition], Iterator[str]], ...] = (
    sound_copy_reasons.profile,
    sound_copy_reasons.channels,
    sound_copy_reasons.sample_rate,
    sound_copy_reasons.frame_length,
    sound_copy_reasons.changes,
    sound_copy_reasons.broken,
)
