"""The loudness of a sound: measured by EBU R 128, and adjusted to a target.

One gain applies to the whole title, so that its dynamics stay as they were mixed. Only peaks that it
would raise above the ceiling are limited; the limiter also considers what lies between the samples
(ITU-R BS.1770-5, annex 2).
"""

import re
from dataclasses import dataclass
from typing import Any

from nightreel.errors import EncoderFailed

CEILING_DBTP = -3.0
"""Applies before AAC, which may add the 2 dB between this and the peak that EBU R 128 allows."""
HIGHEST_GAIN_DB = 40.0
"""A sound that would need more is noise."""
_SILENCE_LUFS = -70.0
"""The absolute gate: what is quieter, or shorter than one block of 0.4 s, has no loudness."""
_OVERSAMPLED_HZ = 192_000

_INTEGRATED = re.compile(r"^\s*I:\s+(\S+) LUFS$", re.MULTILINE)
_PEAK = re.compile(r"^\s*Peak:\s+(\S+) dBFS$", re.MULTILINE)


@dataclass(frozen=True)
class Loudness:
    """Of a whole sound: integrated loudness in LUFS, true peak in dBTP."""

    integrated: float
    true_peak: float


@dataclass(frozen=True)
class Adjustment:
    """How a sound's level is changed. The gain is in decibels."""

    gain: float = 0.0
    limited: bool = False
    """Whether peaks are limited to the ceiling."""


UNCHANGED = Adjustment()


def measured(sound: Any) -> Any:
    """The sound through FFmpeg's scanner, which logs its verdict at the end."""
    return sound.filter("ebur128", peak="true", framelog="quiet")


def loudness_said(log: str) -> Loudness:
    """What the scanner logged. Raises EncoderFailed when it logged nothing."""
    integrated, peak = _INTEGRATED.findall(log), _PEAK.findall(log)
    if not integrated or not peak:
        raise EncoderFailed(f"ffmpeg measured no loudness; it said: {log}")
    return Loudness(float(integrated[-1]), float(peak[-1]))


def adjustment_to(target: float, sound: Loudness) -> Adjustment:
    """The adjustment that brings a sound to a target in LUFS; none for silence."""
    heard = sound.integrated > _SILENCE_LUFS
    gain = min(target - sound.integrated, HIGHEST_GAIN_DB) if heard else 0.0
    return Adjustment(round(gain, 1), limited=sound.true_peak + gain > CEILING_DBTP)


def adjusted(sound: Any, adjustment: Adjustment, sample_rate: int) -> Any:
    """The sound at its new level, with the same length and timing."""
    if adjustment.gain:
        sound = sound.filter("volume", volume=f"{adjustment.gain}dB", precision="float")
    if not adjustment.limited:
        return sound
    return (
        sound.filter("aresample", _OVERSAMPLED_HZ)
        # `level` would raise everything to the ceiling; `latency` compensates for the look-ahead.
        .filter("alimiter", limit=10 ** (CEILING_DBTP / 20), level=0, latency=1)
        .filter("aresample", sample_rate)
    )
