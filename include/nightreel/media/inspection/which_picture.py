"""Decides which of a file's picture tracks is the film, as a player would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nightreel.media.inspection.timeline import Span, seconds

_FEWEST_MOVING = 5
"""At this many frames per second, pictures move: a phone's stills beside its film come one a second."""
_AS_LONG = 0.9
"""A track of this share of the longest track's length counts as equally long."""
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class PictureTrack:
    """One picture track. Size in pixels; `seconds` is how long it shows something."""

    index: int
    codec: str = "h264"
    width: int = 0
    height: int = 0
    frames: int = 0
    seconds: float = 0.0
    default: bool = True
    """Called enabled in MP4; a depth map is not."""
    cover: bool = False
    """Whether the file itself calls it a cover, a still or a thumbnail."""

    @property
    def decodable(self) -> bool:
        """Whether FFmpeg knows its codec."""
        return self.codec != _UNKNOWN

    @property
    def moves(self) -> bool:
        """Whether it is a film, not a cover or slide."""
        return self.frames > 1 and self.frames >= self.seconds * _FEWEST_MOVING


def film_of(tracks: Sequence[PictureTrack]) -> PictureTrack | None:
    """The track that a player would show; None if all are covers.

    Ignores covers, and tracks of one frame if another has more. Prefers, in this order: what can be decoded,
    what moves, what is enabled by default, the longest track, the largest, the first.
    """
    pictures = [track for track in tracks if not track.cover]
    pictures = [track for track in pictures if track.frames > 1] or pictures
    if not pictures:
        return None

    def rank(track: PictureTrack) -> tuple[bool, bool, bool]:
        return track.decodable, track.moves, track.default

    best = max(map(rank, pictures))
    equals = [track for track in pictures if rank(track) == best]
    longest = max(track.seconds for track in equals)

    def worth(track: PictureTrack) -> tuple[bool, int, int]:
        return track.seconds >= longest * _AS_LONG, track.width * track.height, -track.index

    return max(equals, key=worth)


def why_left_out(track: PictureTrack, film: PictureTrack) -> str:
    """The sentence for the title's owner about a track that is not the film."""
    what = f"The picture in track {track.index}"
    if track.cover or track.frames == 1:
        return f"{what} is a single still, as a cover is; it was left out."
    size = f"{track.width}×{track.height}, {track.frames} frames"
    return f"{what} ({size}) was left out: a title shows one picture, and track {film.index} was taken."


def picture_tracks(
    streams: Sequence[Mapping[str, Any]], spans: Mapping[int, Span] | None = None
) -> tuple[PictureTrack, ...]:
    """The picture tracks among ffprobe's `streams`.

    `spans` says what each of them contains; without it, the file's header is believed.
    """
    pictures = (stream for stream in streams if stream.get("codec_type") == "video")
    return tuple(_track(stream, spans) for stream in pictures)


def _track(stream: Mapping[str, Any], spans: Mapping[int, Span] | None) -> PictureTrack:
    marks = stream.get("disposition", {})
    if spans is None:
        frames, lasts = int(stream.get("nb_frames", 0) or 0), seconds(stream.get("duration")) or 0.0
    else:
        span = spans.get(stream["index"], Span())
        frames, lasts = span.packets, span.end - span.start
    return PictureTrack(
        index=stream["index"],
        codec=stream.get("codec_name", _UNKNOWN),
        width=int(stream.get("width", 0)),
        height=int(stream.get("height", 0)),
        frames=frames,
        seconds=lasts,
        default=bool(marks.get("default")) and not marks.get("dependent"),
        cover=any(marks.get(mark) for mark in ("attached_pic", "timed_thumbnails", "still_image")),
    )
