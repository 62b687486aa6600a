"""WebVTT files as the webvtt library reads them (W3C WebVTT), and what HLS adds (RFC 8216, 3.5)."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import webvtt
from webvtt.errors import MalformedFileError

_SIGNATURE = re.compile(r"\ufeff?WEBVTT(?:[ \t][^\n]*)?(?:\n|$)")
_ARROW = re.compile(r"^.*-->", re.MULTILINE)
_TIMESTAMP_MAP = re.compile(
    r"^X-TIMESTAMP-MAP=(?=.*MPEGTS:(\d+))(?=.*LOCAL:(?:(\d+):)?(\d\d):(\d\d\.\d{3}))", re.MULTILINE
)
_MPEG_TICKS = 90_000


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue. Times in seconds, as the file has them."""

    start: Fraction
    end: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class WebVtt:
    """One file. `fault` is a sentence, empty when every cue could be read.

    `offset` is what X-TIMESTAMP-MAP adds to the cues' times, in seconds of the media's clock;
    None without one.
    """

    name: str
    fault: str = ""
    offset: Fraction | None = None
    cues: tuple[Cue, ...] = ()


def read_webvtt(path: Path) -> WebVtt:
    """Read a file. Damage is reported in `fault`, never raised."""
    if not path.is_file():
        return WebVtt(path.name, fault="the file is missing")
    try:
        text = path.read_text("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return WebVtt(path.name, fault="it is not UTF-8")
    if not _SIGNATURE.match(text):
        return WebVtt(path.name, fault="it does not begin with WEBVTT")
    try:
        captions = webvtt.from_string(text).captions
    except MalformedFileError as error:
        return WebVtt(path.name, fault=f"it cannot be parsed: {error}")
    # The library passes over a cue that it cannot read.
    unread = len(_ARROW.findall(text)) - len(captions)
    return WebVtt(
        name=path.name,
        fault=f"{unread} of its cues cannot be read" if unread else "",
        offset=_offset(text.partition("\n\n")[0]),
        cues=tuple(
            Cue(
                start=Fraction(caption.start_time.in_milliseconds(), 1000),
                end=Fraction(caption.end_time.in_milliseconds(), 1000),
                text=caption.raw_text,
            )
            for caption in captions
        ),
    )


def _offset(header: str) -> Fraction | None:
    found = _TIMESTAMP_MAP.search(header)
    if found is None:
        return None
    ticks, hours, minutes, seconds = found.groups()
    local = (int(hours or 0) * 60 + int(minutes)) * 60 + Fraction(seconds)
    return Fraction(int(ticks), _MPEG_TICKS) - local
