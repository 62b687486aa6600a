"""The plan of a title whose sounds are copied where that may be done."""

from nightreel.media.planning.plan import Plan
from nightreel.media.planning.sound_copying import coding_of, why_not_copied
from nightreel.media.renditions import AudioRendition
from nightreel.media.source import SourceProbe

_STEREO = 2


def with_copied_sounds(plan: Plan, source: SourceProbe) -> Plan:
    """The plan with every sound copied that may be. `not_copied` says of the others why not.

    A plan that changes their loudness, or that puts them into transport streams, stays as it is.
    """
    if plan.loudness_lufs is not None or plan.container != "cmaf":
        return plan
    copied: dict[str, AudioRendition] = {}
    reasons: list[str] = []
    for sound in plan.audio:
        if sound.channels != _STEREO:
            continue
        against = why_not_copied(source, plan, sound)
        reasons += against
        coded = coding_of(source, sound)
        if coded is not None and not against:
            copied[sound.name] = _copied(sound, coded.bps, coded.sample_rate)
    return _replaced(plan, copied).model_copy(update={"not_copied": (*plan.not_copied, *reasons)})


def with_sounds_of(before: Plan, plan: Plan) -> Plan:
    """The plan with those sounds copied that are so in a plan of the same source, on the same grid."""
    if plan.loudness_lufs is not None or plan.container != "cmaf":
        return plan
    made = {sound.name: sound for sound in before.audio if sound.copied}
    copied = {
        sound.name: _copied(sound, made[sound.name].audio_bps, made[sound.name].sample_rate)
        for sound in plan.audio
        if sound.name in made and sound.stream == made[sound.name].stream
    }
    return _replaced(plan, copied)


def _copied(sound: AudioRendition, bps: int, sample_rate: int) -> AudioRendition:
    return sound.model_copy(update={"copied": True, "audio_bps": bps, "sample_rate": sample_rate})


def _replaced(plan: Plan, copied: dict[str, AudioRendition]) -> Plan:
    return plan.model_copy(
        update={
            "audio": tuple(copied.get(sound.name, sound) for sound in plan.audio),
            "sounds_instead": tuple(sound for sound in plan.audio if sound.name in copied),
        }
    )
