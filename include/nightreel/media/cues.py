"""Cues of subtitles, and the WebVTT files that hold them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import webvtt
from webvtt.models import Timestamp


@dataclass(frozen=True)
class Cue:
    """A text and when it is shown, in whole milliseconds; `text` is WebVTT cue text, escaped."""

    start: int
    end: int
    text: str
    settings: str = ""
    """Where it is shown, such as `line:0`; empty: where the player puts it."""


def write_cues(path: Path, cues: Iterable[Cue], metadata: Iterable[str] = ()) -> None:
    """Write a WebVTT file, with the lines of `metadata` in its header."""
    captions = [
        webvtt.Caption(_timestamp(cue.start), _timestamp(cue.end), cue.text, settings=cue.settings)
        for cue in cues
    ]
    track = webvtt.WebVTT(captions=captions, metadata=list(metadata))
    path.write_text(track.content + "\n", encoding="utf-8")


def read_cues(path: Path) -> list[Cue]:
    """The cues of a WebVTT file, in the file's order."""
    return [
        Cue(_milliseconds(caption.start), _milliseconds(caption.end), caption.raw_text, str(caption.settings))
        for caption in webvtt.WebVTT.read(str(path), encoding="utf-8").captions
    ]


def _timestamp(milliseconds: int) -> str:
    return str(Timestamp.from_seconds(milliseconds / 1000))


def _milliseconds(text: str) -> int:
    return Timestamp.from_string(text).in_milliseconds()
