"""What a file is by its first bytes, before any media program opens it."""

import codecs
import re
import textwrap
from pathlib import Path
from typing import Literal

import puremagic

from nightreel.media.inspection.refusals import Refusal

HEAD_BYTES = 65_536
"""So many bytes of a file decide."""
_QUOTED_CHARACTERS = 40

_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"}
"""What an MP4 or MOV may begin with; QuickTime's files need no `ftyp` (QTFF, "File Type")."""
_QUICKTIME = b"qt  "
_EBML = b"\x1aE\xdf\xa3"
_MATROSKA_TYPES = (b"matroska", b"webm")

_PLAYLISTS = {"#EXTM3U": "an HLS playlist", "ffconcat ": "a list of files to be joined"}
_MANIFESTS = {"mpd": "a DASH manifest", "smoothstreamingmedia": "a Smooth Streaming manifest"}
_WEB_PAGES = {"html", "head", "body"}
_FIRST_ELEMENT = re.compile(r"<([a-z][a-z0-9:._-]*)", re.IGNORECASE)
# Tab, line feed, form feed, carriage return and escape may stand in a text; media of more than a
# few bytes hold some of the others.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


Container = Literal["mp4", "mov", "mkv", "webm"]
"""The usual extension of a file of this kind."""


def require_media(path: Path) -> None:
    """Raises SourceRejected for what is neither MP4, MOV, MKV nor WebM, saying what it seems to be."""
    with path.open("rb") as stream:
        container_of(stream.read(HEAD_BYTES))


def container_of(head: bytes) -> Container:
    """What a file is that begins with these HEAD_BYTES, or consists of fewer.

    Raises SourceRejected for what is neither MP4, MOV, MKV nor WebM, saying what it seems to be.
    """
    if not head:
        raise Refusal.EMPTY_FILE.because()
    text = _text(head)
    if text is not None:
        _refuse_text(text)
    kind, name = _named(head)
    if kind == "image":
        raise Refusal.IMAGE.because(kind=name)
    if _is_mp4(head):
        return "mov" if head[4:8] != b"ftyp" or head[8:12] == _QUICKTIME else "mp4"
    if _is_matroska(head):
        return "webm" if b"webm" in head[:128] else "mkv"
    if kind in ("video", "audio"):
        raise Refusal.OTHER_CONTAINER.because(kind=name)
    raise Refusal.NOT_MEDIA.because()


def _is_mp4(head: bytes) -> bool:
    return head[4:8] in _MP4_BOXES


def _is_matroska(head: bytes) -> bool:
    # The document's type is in the EBML header, which is short (RFC 8794, section 11.2.1).
    return head.startswith(_EBML) and any(kind in head[:128] for kind in _MATROSKA_TYPES)


def _text(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = head.decode(encoding, "replace")
    return None if _NO_TEXT.search(text) else text.strip()


def _refuse_text(text: str) -> None:
    for beginning, kind in _PLAYLISTS.items():
        if text.startswith(beginning):
            raise Refusal.PLAYLIST.because(kind=kind)
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
    """The first half of the media type, and the usual extension in capitals; empty when unknown."""
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return "", ""
    best = next((match for match in found if match.mime_type), None)
    if best is None:
        return "", ""
    return best.mime_type.partition("/")[0], best.extension.removeprefix(".").upper()
