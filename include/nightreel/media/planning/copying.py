"""Whether a source's picture may be published as it is, packet by packet, and why not."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain

from pydantic import BaseModel, ConfigDict

from nightreel.media.coded_picture import CodedPicture
from nightreel.media.planning import copy_reasons
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.media import VideoCodec


class CopyLimits(BaseModel):
    """What a copied picture may need of players, and the sets of which it may become a part.

    Times in seconds, rates in bits per second.
    """

    model_config = ConfigDict(frozen=True)

    keyframe_seconds: float = 10.5
    """The longest time between keyframes: x264's default is at most 250 frames, which last 10.43 s at
    23.976 frames a second."""
    peak_bps: int = 25_000_000
    """The highest rate over the length of a segment."""
    codecs: tuple[VideoCodec, ...] = ("h264",)
    hdr: bool = False
    """The sets that titles get, as in the options of a plan."""


class Copying(BaseModel):
    """Whether a picture may be copied. Frames are numbered in display order, from 0."""

    model_config = ConfigDict(frozen=True)

    may: bool
    reasons: tuple[str, ...] = ()
    """Why not: sentences for the title's owner."""
    keyframes: tuple[int, ...] = ()
    """The frames at which the picture can be cut; empty if it was not looked into."""
    frames: int = 0
    frame_rate: Fraction | None = None
    """Frames per second; None if they are not evenly spaced."""


def copying(source: SourceProbe, limits: CopyLimits) -> Copying:
    """Whether the picture may be copied, with a sentence for each reason against it.

    Deterministic. Needs a source that was inspected `for_copying`.
    """
    reasons = tuple(f"Its picture is not copied: {reason}." for reason in _reasons(source, limits))
    coded = source.coded
    if coded is None:
        return Copying(may=False, reasons=reasons)
    return Copying(
        may=not reasons,
        reasons=reasons,
        keyframes=coded.keyframes,
        frames=coded.frames,
        frame_rate=coded.rate,
    )


def _reasons(source: SourceProbe, limits: CopyLimits) -> Iterator[str]:
    coded = source.coded
    yield from copy_reasons.no_set(source, limits.codecs, hdr=limits.hdr)
    yield from chain.from_iterable(rule(source) for rule in _OF_ANY_SOURCE)
    if coded is None:
        yield from copy_reasons.not_looked_into(source)
        return
    yield from chain.from_iterable(rule(source, coded) for rule in _OF_CODING)
    yield from copy_reasons.far_keyframes(coded, limits.keyframe_seconds)
    yield from copy_reasons.high_rate(coded, limits.peak_bps)


_OF_ANY_SOURCE: tuple[Callable[[SourceProbe], Iterator[str]], ...] = (
    copy_reasons.samples,
    copy_reasons.fields,
    copy_reasons.colours,
    copy_reasons.transparent,
    copy_reasons.odd_size,
    copy_reasons.turned,
    copy_reasons.joined,
    copy_reasons.held,
    copy_reasons.damaged,
)
_OF_CODING: tuple[Callable[[SourceProbe, CodedPicture], Iterator[str]], ...] = (
    copy_reasons.profile_and_level,
    copy_reasons.unsaid_range,
    copy_reasons.layers,
    copy_reasons.fields_allowed,
    copy_reasons.parameter_sets,
    copy_reasons.shape,
    copy_reasons.edited,
    copy_reasons.beginning,
    copy_reasons.uneven,
    copy_reasons.unusual_rate,
    copy_reasons.broken,
    copy_reasons.entries,
)
