"""What an encoded file really holds, measured by decoding it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """Times in seconds, exact; `keyframes` are positions in the order in which frames are shown."""

    times: tuple[Fraction, ...]
    keyframes: tuple[int, ...]
    size: tuple[int, int]
    pixel_format: str
    pixel_shape: Fraction
    brightness: tuple[float, ...]
    first: NDArray[np.uint8]

    @property
    def end(self) -> Fraction:
        """The end of the last frame, if all are as long as the first."""
        return self.times[-1] + (self.times[1] - self.times[0] if len(self.times) > 1 else 0)


@dataclass(frozen=True)
class Sound:
    """Samples of all channels, as they are heard from time 0 on."""

    samples: NDArray[np.float32]
    sample_rate: int
    start: Fraction

    @property
    def seconds(self) -> Fraction:
        return Fraction(self.samples.shape[1], self.sample_rate)

    def loudness(self, start: float, end: float) -> float:
        part = self.samples[:, int(start * self.sample_rate) : int(end * self.sample_rate)]
        return float(np.sqrt(np.mean(part**2)))

    def onset(self) -> float:
        """Seconds until the first loud sample."""
        loud = np.flatnonzero(np.abs(self.samples).max(axis=0) > 0.2)
        return float(self.start) + float(loud[0]) / self.sample_rate


def picture(path: Path) -> Picture:
    times, keyframes, brightness = [], [], []
    first = np.zeros(0, dtype=np.uint8)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for position, frame in enumerate(container.decode(stream)):
            assert frame.pts is not None
            assert frame.time_base is not None
            times.append(frame.pts * frame.time_base)
            if frame.key_frame:
                keyframes.append(position)
            brightness.append(float(frame.reformat(format="gray").to_ndarray().mean()))
            if position == 0:
                first = frame.to_ndarray(format="rgb24")
        return Picture(
            tuple(times),
            tuple(keyframes),
            (stream.width, stream.height),
            str(stream.pix_fmt),
            stream.sample_aspect_ratio or Fraction(1),
            tuple(brightness),
            first,
        )


def sound(path: Path, track: int = 0) -> Sound:
    pieces = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        start = None
        for frame in container.decode(stream):
            assert frame.pts is not None
            assert frame.time_base is not None
            start = frame.pts * frame.time_base if start is None else start
            pieces.append(frame.to_ndarray())
        return Sound(np.concatenate(pieces, axis=1), stream.rate, start or Fraction(0))


def packets(path: Path) -> int:
    """Packets that hold something: frames of the picture, or AAC frames."""
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(container.streams[0]) if packet.size)
