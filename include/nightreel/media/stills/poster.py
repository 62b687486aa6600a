"""The poster of a title: one frame that stands for all of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log2
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from nightreel.errors import EncoderFailed
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.stills.jpeg import every_player_shows, keyframes, write_jpegs
from nightreel.vocabulary import release

_CANDIDATES = 24
_JUDGED_SIZE = 96, 54
"""In pixels: small enough that noise does not count as detail."""
_DARKEST, _LIGHTEST = 32, 224
"""Mean luma, from 0 to 255, of a picture that is neither black nor faded to white."""
_BEFORE_SECONDS = 0.001
"""How much earlier than its time a keyframe is sought, because decimal seconds may round past it."""


@dataclass(frozen=True)
class _Candidate:
    """A keyframe. `light` is its mean luma; `detail` the entropy of its luma in bits per pixel."""

    seconds: float
    light: float
    detail: float

    @property
    def merit(self) -> tuple[bool, float]:
        # A fade has few levels, and a title card has most pixels at one level: little entropy.
        return _DARKEST <= self.light <= _LIGHTEST, self.detail


def poster_source(plan: Plan) -> VideoRendition:
    """The rendition that the poster is cut from: the best up to 1080p."""
    pictures = every_player_shows(plan)
    fitting = [item for item in pictures if min(item.width, item.height) <= 1080]
    return fitting[-1] if fitting else pictures[0]


def write_poster(encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float) -> None:
    """Write `poster.jpg`, a representative frame of an encoded rendition. Raises EncoderFailed."""
    try:
        best = max(_candidates(encoded), key=lambda candidate: candidate.merit)
    except (FFmpegError, ValueError) as error:
        raise EncoderFailed(f"no poster can be chosen from {encoded.name}: {error}") from error
    write_jpegs(
        keyframes(encoded, ss=max(0.0, best.seconds - _BEFORE_SECONDS)),
        encoded,
        directory / release.POSTER,
        1,
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )


def _candidates(encoded: Path) -> Iterator[_Candidate]:
    """Keyframes spread evenly over the title. Each costs a seek, however long the title is."""
    with av.open(str(encoded)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        ticks = stream.duration or 0
        seen: set[int] = set()
        for number in range(_CANDIDATES):
            container.seek((2 * number + 1) * ticks // (2 * _CANDIDATES), stream=stream)
            frame = next(container.decode(stream))
            assert frame.pts is not None and frame.time is not None  # noqa: S101, PT018 - MP4 has all times
            if frame.pts not in seen:
                seen.add(frame.pts)
                yield _measured(frame, frame.time)


def _measured(frame: VideoFrame, seconds: float) -> _Candidate:
    width, height = _JUDGED_SIZE
    plane = frame.reformat(width=width, height=height, format="gray").planes[0]
    data, stride = bytes(plane), plane.line_size
    luma = b"".join(data[start : start + width] for start in range(0, height * stride, stride))
    shares = [count / len(luma) for count in Counter(luma).values()]
    return _Candidate(
        seconds=seconds,
        light=sum(luma) / len(luma),
        detail=-sum(share * log2(share) for share in shares),
    )
