"""Chooses the sounds of a title: each in stereo, and also in 5.1 if the source has that."""

from collections import defaultdict
from dataclasses import dataclass

from nightreel.media.planning.channels import (
    JOINED_LAYOUTS,
    is_ambisonic,
    is_placed,
    is_surround,
    speaker_of_mono,
    speakers,
)
from nightreel.media.planning.labels import labels
from nightreel.media.renditions import AudioRendition
from nightreel.media.source import AudioStream
from nightreel.vocabulary.media import Container

MAX_AUDIO_TRACKS = 16
_NAMELESS = "Audio"

MINIMUM_STEREO_BPS = 32_000
"""Apple HLS authoring: stereo AAC has 32 to 160 kb/s."""
MAXIMUM_SURROUND_BPS = 512_000
_SURROUND_FACTOR = 2.5
"""Six channels need less than three times the rate of two: the LFE is simple, and pairs are joined."""


@dataclass(frozen=True)
class _Sound:
    """One sound: a track of the source, or mono tracks that are its channels."""

    tracks: tuple[AudioStream, ...]
    layout: str
    channels: int
    assumed: bool = False
    """Whether the order of the channels was assumed, because the source does not give it."""

    @property
    def first(self) -> AudioStream:
        return self.tracks[0]

    @property
    def is_surround(self) -> bool:
        return is_surround(self.layout, self.channels)

    @property
    def is_default(self) -> bool:
        return any(track.default for track in self.tracks)


def audio_renditions(streams: tuple[AudioStream, ...], stereo_bps: int) -> tuple[AudioRendition, ...]:
    """All sounds in stereo, then those in 5.1; `stereo_bps` is the rate of a stereo one.

    A 5.1 rendition has the label and the default flag of its stereo twin, because corresponding members
    of two groups must be alike except in URI and CHANNELS (RFC 8216, 4.3.4.1.1).
    """
    sounds = _sounds(streams)[:MAX_AUDIO_TRACKS]
    names = labels([sound.first for sound in sounds], _NAMELESS)
    default = next((sound for sound in sounds if sound.is_default), sounds[0] if sounds else None)
    stereo: list[AudioRendition] = []
    surround: list[AudioRendition] = []
    for position, sound in enumerate(sounds):
        made = AudioRendition(
            name=_name(sounds, position),
            label=names[position],
            language=sound.first.language,
            stream=sound.first.index,
            joined=tuple(track.index for track in sound.tracks[1:]),
            source_channels=sound.channels,
            source_layout=sound.layout,
            # A mono track needs half the rate of a stereo one.
            audio_bps=stereo_bps if sound.channels > 1 else max(MINIMUM_STEREO_BPS, stereo_bps // 2),
            default=sound is default,
        )
        stereo.append(made)
        if sound.is_surround:
            surround.append(_in_surround(made, stereo_bps))
    return (*stereo, *surround)


def _name(sounds: list[_Sound], position: int) -> str:
    language = sounds[position].first.language
    same = sum(1 for earlier in sounds[:position] if earlier.first.language == language)
    return f"audio_{language}" + (f"_{same + 1}" if same else "")


def _in_surround(stereo: AudioRendition, stereo_bps: int) -> AudioRendition:
    rate = min(MAXIMUM_SURROUND_BPS, int(stereo_bps * _SURROUND_FACTOR))
    return stereo.model_copy(update={"name": f"{stereo.name}_51", "channels": 6, "audio_bps": rate})


def carried(sounds: tuple[AudioRendition, ...], container: Container) -> tuple[AudioRendition, ...]:
    """The sounds that the container can hold. In a transport stream, each variant holds one, in stereo."""
    return sounds if container == "cmaf" else tuple(sound for sound in sounds if sound.channels == 2)


def not_carried(sounds: tuple[AudioRendition, ...], container: Container) -> tuple[str, ...]:
    """A sentence about the sounds that the container cannot hold."""
    missing = len(sounds) - len(carried(sounds, container))
    if not missing:
        return ()
    return (
        f"MPEG-TS carries the sound in stereo: {missing} surround track{'s were' if missing > 1 else ' was'} "
        "left out. With NIGHTREEL_CONTAINER=cmaf viewers get surround sound too.",
    )


def warnings(streams: tuple[AudioStream, ...]) -> tuple[str, ...]:
    """Sentences about assumptions on the sound tracks."""
    said = [_assumption(sound) for sound in _sounds(streams)[:MAX_AUDIO_TRACKS]]
    return tuple(sentence for sentence in said if sentence)


def _assumption(sound: _Sound) -> str:
    if sound.assumed:
        order = (
            "left and right"
            if sound.layout == "stereo"
            else "left, right, centre, LFE, left and right surround"
        )
        numbers = ", ".join(str(track.index) for track in sound.tracks)
        return (
            f"Sound tracks {numbers} are mono and do not say what they are; they were taken as "
            f"{order} of one {sound.layout} sound. Give them titles if they are sounds of their own."
        )
    track = sound.first
    known = is_placed(sound.layout, sound.channels) or is_ambisonic(sound.layout)
    if track.channels > 2 and not known:
        return (
            f"Sound track {track.index} has {sound.channels} channels in an unknown layout; they were "
            "mixed to stereo, the first two as left and right, all others on both sides."
        )
    if not sound.layout and sound.channels == 6:
        return (
            f"Sound track {track.index} has six channels and does not say what they are; they were taken "
            "as 5.1 in the customary order: left, right, centre, LFE, left and right surround."
        )
    return ""


def _sounds(streams: tuple[AudioStream, ...]) -> list[_Sound]:
    """The sounds, ordered by their first tracks."""
    joined = [sound for group in _mono_groups(streams) for sound in _joined(group)]
    taken = {track for sound in joined for track in sound.tracks}
    single = [
        _Sound((stream,), layout=stream.layout, channels=stream.channels)
        for stream in streams
        if stream not in taken
    ]
    return sorted((*joined, *single), key=lambda sound: min(track.index for track in sound.tracks))


def _mono_groups(streams: tuple[AudioStream, ...]) -> list[tuple[AudioStream, ...]]:
    groups: dict[tuple[str, str, int], list[AudioStream]] = defaultdict(list)
    for stream in streams:
        # A track with a title is a sound of its own.
        if stream.channels == 1 and not stream.title:
            groups[stream.language, stream.codec, stream.sample_rate].append(stream)
    return [tuple(group) for group in groups.values()]


def _joined(group: tuple[AudioStream, ...]) -> tuple[_Sound, ...]:
    """Two, six or eight mono tracks as a pair, as 5.1, or as 5.1 and a pair; empty for other numbers."""
    if len(group) not in JOINED_LAYOUTS:
        return ()
    if any(speaker_of_mono(track.layout) for track in group):
        layout = JOINED_LAYOUTS[len(group)]
        ordered = _in_order(group, speakers(layout))
        return (_Sound(ordered, layout, len(ordered)),) if ordered else ()
    surround = (_Sound(group[:6], "5.1", 6, assumed=True),) if len(group) >= 6 else ()
    pair = (_Sound(group[-2:], "stereo", 2, assumed=True),) if len(group) != 6 else ()
    return (*surround, *pair)


def _in_order(group: tuple[AudioStream, ...], order: tuple[str, ...]) -> tuple[AudioStream, ...]:
    """The tracks in the order of their speakers; empty if the speakers are not exactly these."""
    found = {speaker_of_mono(track.layout) or "FC": track for track in group}
    if len(order) == 6 and "SL" in found:
        # In 5.1, surround speakers at the sides and at the back are the same.
        found = {speaker.replace("SL", "BL").replace("SR", "BR"): track for speaker, track in found.items()}
    return tuple(found[speaker] for speaker in order) if found.keys() == set(order) else ()
