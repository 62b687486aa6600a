"""The reasons why a sound is not copied, each as the end of a sentence. Empty where there is none.

What players need of a copied sound they need of an encoded one: AAC-LC in stereo, as long as the title, with
one description (ISO/IEC 23000-19, 7.3.2.1). Packets cannot be moved against one another, nor can silence be
put between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Self

from nightreel.figures import timecode
from nightreel.media.coded_sound import CodedSound, SoundBreak
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, aac_frames
from nightreel.media.source import SourceProbe

SAMPLE_RATES = (44_100, 48_000)
OVER_THE_LADDER = 1.6
"""How far the rate of a copied sound may be above that with which it would be encoded: half, and what
encoders exceed the rate by that they were asked for."""
_AAC, _LOW_COMPLEXITY, _PAIR = "aac", 2, 2
_OBJECT_TYPES = {1: "AAC Main", 3: "AAC SSR", 4: "AAC LTP", 5: "HE-AAC", 29: "HE-AAC v2", 42: "xHE-AAC"}
_CODEC_NAMES = {
    "ac3": "AC-3", "dts": "DTS", "eac3": "E-AC-3", "flac": "FLAC", "mp2": "MP2", "mp3": "MP3",
    "opus": "Opus", "truehd": "TrueHD", "vorbis": "Vorbis",
}  # fmt: skip
_CONTAINERS = {"mov", "matroska"}
_LEAST = 1e-6
"""Seconds. What FFmpeg rounds times to."""


@dataclass(frozen=True)
class Span:
    """From where to where a title lasts, in seconds on the container's clock."""

    begins: float
    lasts: Fraction

    @classmethod
    def of(cls, plan: Plan, source: SourceProbe) -> Self:
        """That of a plan of a source."""
        return cls(source.start + plan.lead, plan.frames / plan.frame_rate)


def codec(source: SourceProbe, sound: AudioRendition) -> Iterator[str]:
    """Only AAC is copied, and only from containers that describe it in a record of its own."""
    found = next((track.codec for track in source.audio if track.index == sound.stream), "")
    if found != _AAC:
        yield f"it is {_named(found)}; only AAC is copied"
    elif _CONTAINERS.isdisjoint(source.container.split(",")):
        yield "the file is neither an MP4 nor a Matroska file, from which alone sounds are copied"


def joined(_: SourceProbe, sound: AudioRendition) -> Iterator[str]:
    """Several tracks make one sound."""
    if sound.joined:
        yield "it is one channel of a sound"


def restarted(source: SourceProbe, _: AudioRendition) -> Iterator[str]:
    """All times begin again midway."""
    if source.restarts:
        yield f"the times of the file begin again at {timecode(source.restarts[0].seconds)}"


def damaged(source: SourceProbe, sound: AudioRendition) -> Iterator[str]:
    """An encoder would fill what cannot be decoded with silence."""
    count = next((track.damage_seen for track in source.audio if track.index == sound.stream), 0)
    if count:
        yield f"{_packets(count)} damaged"


def profile(coded: CodedSound, _: AudioRendition) -> Iterator[str]:
    """Every player decodes AAC-LC; CODECS is `mp4a.40.2` (Apple HLS authoring rule 2.4)."""
    if coded.object_type != _LOW_COMPLEXITY:
        name = _OBJECT_TYPES.get(coded.object_type, f"AAC of type {coded.object_type}")
        yield f"it is {name}; only AAC-LC is copied"
    elif coded.extended:
        yield "it is HE-AAC; only AAC-LC is copied"


def channels(coded: CodedSound, sound: AudioRendition) -> Iterator[str]:
    """A rendition in stereo is made of every sound."""
    if sound.source_channels != _PAIR:
        count = "1 channel" if sound.source_channels == 1 else f"{sound.source_channels} channels"
        yield f"it has {count}; only stereo is copied"
    elif coded.channel_configuration != _PAIR:
        yield "its two channels are not said to be left and right"


def sample_rate(coded: CodedSound, _: AudioRendition) -> Iterator[str]:
    """Those of films and of music."""
    if coded.sample_rate not in SAMPLE_RATES:
        yield f"its sample rate is {coded.sample_rate / 1000:g} kHz; only 44.1 and 48 kHz are copied"


def frame_length(coded: CodedSound, _: AudioRendition) -> Iterator[str]:
    """Some players know no other than the usual length."""
    if coded.frame_samples != AAC_FRAME_SAMPLES:
        yield f"its packets have {coded.frame_samples} samples instead of {AAC_FRAME_SAMPLES}"


def changes(coded: CodedSound, _: AudioRendition) -> Iterator[str]:
    """A CMAF track has one initialization segment."""
    if coded.changes:
        yield "its coding changes midway"


def broken(coded: CodedSound, _: AudioRendition) -> Iterator[str]:
    """Packets that a player cannot decode."""
    if coded.broken:
        yield f"{_packets(coded.broken)} damaged"


def elsewhere(coded: CodedSound, title: Span) -> Iterator[str]:
    """Packets are to follow one another from the title's beginning to its end.

    The encoder would put silence where there are none. Less than an AAC frame of it is not heard.
    """
    within = [each for each in coded.first_breaks if each.at > title.begins + _half_frame(coded)]
    if within:
        yield _interrupted(within[0], coded.breaks - len(coded.first_breaks) + len(within), title)
        return
    frame, late = 2 * _half_frame(coded), coded.start - title.begins
    if late > _half_frame(coded) + _LEAST:
        yield f"it begins {late:.3f} s after the title"
        return
    before = max(0, ceil((-late - _half_frame(coded) - _LEAST) / frame))
    if coded.packets - before < aac_frames(title.lasts, coded.sample_rate) - 1:
        early = float(title.lasts) - late - coded.packets * frame
        yield f"it ends {early:.3f} s before the title"


def high_rate(coded: CodedSound, sound: AudioRendition) -> Iterator[str]:
    """Every viewer gets this sound, on slow connections too."""
    limit = sound.audio_bps * OVER_THE_LADDER
    if coded.bps > limit:
        yield f"it needs {coded.bps / 1000:.0f} kb/s, and {limit / 1000:.0f} kb/s is the limit"


def _interrupted(first: SoundBreak, count: int, title: Span) -> str:
    apart = f"{abs(first.missing) * 1000:.3g} ms {'too late' if first.missing > 0 else 'too early'}"
    at = timecode(first.at - title.begins)
    if count == 1:
        return f"the packet at {at} is {apart}"
    return f"{count} of its packets are not where the ones before them end: that at {at} is {apart}"


def _half_frame(coded: CodedSound) -> float:
    return AAC_FRAME_SAMPLES / coded.sample_rate / 2


def _packets(count: int) -> str:
    return f"{count} of its packets {'is' if count == 1 else 'are'}"


def _named(codec: str) -> str:
    return "PCM" if codec.startswith("pcm_") else _CODEC_NAMES.get(codec, codec.upper())
