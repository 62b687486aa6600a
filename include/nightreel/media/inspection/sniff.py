"""Recognises a file by its first bytes, before any media program opens it."""

import codecs
import re
import textwrap
from pathlib import Path

import puremagic

from nightreel.media.inspection.containers import Container, container_in
from nightreel.media.inspection.refusals import Refusal

HEAD_BYTES = 65_536
"""How many bytes of a file are examined."""
_QUOTED_CHARACTERS = 40

_PLAYLISTS = {
    "#EXTM3U": "an HLS playlist",
    "ffconcat ": "a list of files to be joined",
    "v=0": "a session description (SDP)",
    "[playlist]": "a PLS playlist",
    "[Reference]": "a list of Windows Media",
    "rtsp://": "the address of a stream",
    "RTSPtext": "the address of a stream",
    "# VobSub index file": "an index of subtitles (VobSub)",
}
_MANIFESTS = {
    "mpd": "a DASH manifest",
    "smoothstreamingmedia": "a Smooth Streaming manifest",
    "asx": "a list of Windows Media",
    "smil": "a SMIL presentation",
    "playlist": "an XSPF playlist",
    "assetmap": "the map of a digital cinema package",
    "compositionplaylist": "a composition playlist (IMF)",
}
_SUBTITLES = re.compile(
    # WebVTT; SubRip, whose cues are numbered; Advanced SubStation Alpha; MicroDVD; TTML and SAMI.
    r"WEBVTT|\d+\s+\d+:\d\d:\d\d[,.]\d|\[Script Info\]|\{\d+\}\{\d+\}|(?:<\?xml[^>]*>\s*)?<(?:tt|sami)[\s>]",
    re.IGNORECASE,
)
_TEXT_PICTURES = b"XBIN\x1a"
_OGG = b"OggS"
_WEB_PAGES = {"html", "head", "body"}
_FIRST_ELEMENT = re.compile(r"<([a-z][a-z0-9:._-]*)", re.IGNORECASE)
# A text may contain tab, line feed, form feed, carriage return and escape. Media of more than a
# few bytes contain other control characters, too.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def require_media(path: Path) -> Container:
    """The format of a file. Raises SourceRejected as `container_of` does."""
    with path.open("rb") as stream:
        return container_of(stream.read(HEAD_BYTES))


def container_of(head: bytes) -> Container:
    """The format of a file that begins with these HEAD_BYTES, or consists of fewer.

    Raises SourceRejected for what is none of `containers`, saying what it seems to be.
    """
    if not head:
        raise Refusal.EMPTY_FILE.because()
    text = _text(head)
    if text is not None:
        _refuse_text(text)
    kind, name = _named(head)
    if kind == "image" or head.startswith(_TEXT_PICTURES):
        raise Refusal.IMAGE.because(kind=name or "XBIN")
    if container := container_in(head):
        return container
    if kind == "audio" or head.startswith(_OGG):
        raise Refusal.NO_VIDEO.because()
    if kind == "video":
        raise Refusal.OTHER_CONTAINER.because(kind=name)
    raise Refusal.NOT_MEDIA.because()


def _text(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = head.decode(encoding, "replace")
    return None if _NO_TEXT.search(text) else text.strip()


def _refuse_text(text: str) -> None:
    for beginning, kind in _PLAYLISTS.items():
        if text.startswith(beginning):
            raise Refusal.PLAYLIST.because(kind=kind)
    if _SUBTITLES.match(text):
        raise Refusal.SUBTITLES_ONLY.because()
    element = _FIRST_ELEMENT.search(text) if text.startswith("<") else None
    name = element[1].lower() if element else ""
    if name in _MANIFESTS:
        raise Refusal.PLAYLIST.because(kind=_MANIFESTS[name])
    if name in _WEB_PAGES or text.lower().startswith("<!doctype html"):
        raise Refusal.WEB_PAGE.because()
    line = " ".join(text.split())
    raise Refusal.TEXT_FILE.because(
        beginning=f"“{textwrap.shorten(line, _QUOTED_CHARACTERS, placeholder='…')}”"
    )


def _named(head: bytes) -> tuple[str, str]:
    """The first half of the media type, and the usual extension in capitals; empty if unknown."""
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return "", ""
    best = next((match for match in found if match.mime_type), None)
    if best is None:
        return "", ""
    return best.mime_type.partition("/")[0], best.extension.removeprefix(".").upper()
