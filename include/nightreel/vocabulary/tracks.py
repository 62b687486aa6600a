"""Tracks: whose a file of a release is, and the ids under which tracks are kept.

A track is one rendition as players load it. The names of its files are made in
`vocabulary.release`; here they are read.
"""

import re

from nightreel.vocabulary import release
from nightreel.vocabulary.release import stream_name, valid_release_id

STILLS = "stills"
"""Stands for a rendition in the track of the poster, the thumbnails and the sprites."""

_LANGUAGE = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
_RENDITION = re.compile(
    rf"(?:[a-z][a-z0-9]*_)?[1-9][0-9]*p|audio_{_LANGUAGE}(?:_[0-9]{{1,2}}){{0,2}}|subs_{_LANGUAGE}(?:_[0-9]{{1,2}})?"
)
"""No rendition's name ends in the three digits with which that of a segment ends."""
_FILE_OF_STREAM = re.compile(r"(?P<stem>.+?)(?:\.m3u8|_init\.mp4|_[0-9]{3,}\.(?:m4s|ts|vtt)|\.vtt)")
_I_FRAMES = re.compile(r"iframe_(?P<rendition>.+)\.m3u8")
_NUMBERED_STILL = re.compile(r"(?:thumb|sprite)_[0-9]{3,}\.jpg")


def rendition_of(name: str) -> str | None:
    """The rendition that a file of a release belongs to; STILLS for the poster, thumbnails and sprites.

    None for what is no rendition's: the manifests of a release or a track, and files that neither has.
    """
    if name in (release.POSTER, release.SPRITES) or _NUMBERED_STILL.fullmatch(name):
        return STILLS
    if found := _I_FRAMES.fullmatch(name):
        rendition = found["rendition"]
        return rendition if _is_picture(rendition) else None
    if found := _FILE_OF_STREAM.fullmatch(name):
        rendition = found["stem"].removeprefix("stream_")
        return rendition if _names_rendition(rendition) and stream_name(rendition) == found["stem"] else None
    return None


def track_id(rendition: str, release: str) -> str:
    """`360p-20260101T000000-00000000`: a rendition as the run of this release made it.

    Raises ValueError for a malformed rendition or release id.
    """
    track = f"{rendition}-{release}"
    if maker_of(track) != release:
        raise ValueError(f"malformed rendition {rendition!r} or release id {release!r}")
    return track


def maker_of(track: str) -> str | None:
    """The id of the release for which a track was made; None for what is no track's id."""
    rendition = track.rsplit("-", 2)[0]
    maker = track[len(rendition) + 1 :]
    known = rendition == STILLS or _names_rendition(rendition)
    return maker if known and valid_release_id(maker) else None


def valid_track_id(track: str) -> bool:
    """Whether it has the form of a track's id: never a path, and safe to build keys from."""
    return maker_of(track) is not None


def _names_rendition(text: str) -> bool:
    return _RENDITION.fullmatch(text) is not None


def _is_picture(rendition: str) -> bool:
    return _names_rendition(rendition) and stream_name(rendition) != rendition
