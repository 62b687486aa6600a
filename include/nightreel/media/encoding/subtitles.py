"""Subtitles: a text track of the source as one WebVTT file.

FFmpeg converts every subtitle format to the text of SubStation Alpha (ASS), in which markup and text can
be told apart. Its own WebVTT escapes nothing.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import av
import ffmpeg

from nightreel.media.cues import Cue, write_cues
from nightreel.media.encoding.caption_track import LEAD_SECONDS
from nightreel.media.programs.source_input import local
from nightreel.media.renditions import TextRendition

_FIELDS_BEFORE_TEXT = 8
"""ReadOrder, Layer, Style, Name, the three margins and Effect, as Matroska stores an event."""
_OVERRIDES = re.compile(r"(?<!\\)\{([^{}]*)\}")
_STYLE = re.compile(r"\\([biu])(\d*)(?![A-Za-z(])")
_RESET = re.compile(r"\\r[^\\]*")
_DRAWING = re.compile(r"\\p(\d+)")
_AT_THE_TOP = re.compile(r"\\an[789]")
"""Numbered like the keys of a number pad."""
_PLACED_CAPTION = re.compile(r"^\{\\an7\}\{\\pos\(\d+,(\d+)\)\}")
"""How FFmpeg places every closed caption: by the upper left corner of its text."""
_CAPTION_LINES = 288
_LINE_BREAK = re.compile(r"\\[Nn]|[\r\n\u2028\u2029]+")
_ESCAPES = {r"\{": "{", r"\}": "}", r"\h": "\N{NO-BREAK SPACE}", "\\\N{WORD JOINER}": "\\"}
"""The last one is how FFmpeg writes a backslash that escapes nothing."""


def input_options(renditions: Sequence[TextRendition]) -> dict[str, str]:
    """How FFmpeg reads the source of such tracks."""
    # A text that is not UTF-8 is kept; only its bad bytes are replaced.
    options = {"sub_charenc_mode": "ignore"}
    if any(rendition.source_codec == "mov_text" for rendition in renditions):
        # If an edit list begins within a text, FFmpeg would begin with the next text and show all of
        # them too early. Told to treat the list as a shift of time, it applies it correctly.
        options["advanced_editlist"] = "0"
    return options


def captions_input(output: Path) -> Any:
    """The track made of the closed captions for the text at `output`, as an input of ffmpeg-python."""
    return ffmpeg.input(local(caption_track(output)), f="mov")


def caption_track(output: Path) -> Path:
    """The file of the captions from which the text at `output` is made."""
    return output.with_suffix(".captions.mov")


def text_output(streams: Any, rendition: TextRendition, path: Path) -> Any:
    """FFmpeg's output of one track: events in ASS, in Matroska for its times in milliseconds.

    `finish` turns it into the WebVTT at `path`.
    """
    return ffmpeg.output(
        streams["s:0" if rendition.channel else str(rendition.stream)],
        f"file:{_events(path)}",
        # Times unchanged: FFmpeg would take the first time, before the edit list, for 0.
        copyts=None,
        output_ts_offset=(0 if rendition.channel else LEAD_SECONDS) - rendition.source_start,
        map_metadata=-1,
        map_chapters=-1,
        f="matroska",
        **{"c:s": "ass"},
    )


def finish(path: Path) -> None:
    """Write the WebVTT of what FFmpeg made of a track, and remove everything else."""
    events = _events(path)
    # In the order that WebVTT requires (section 4.1), whatever the source's order was.
    write_cues(path, sorted(_cues(events), key=lambda cue: cue.start))
    events.unlink()
    caption_track(path).unlink(missing_ok=True)


def _events(path: Path) -> Path:
    return path.with_suffix(".ass.mkv")


def _cues(events: Path) -> Iterator[Cue]:
    with av.open(str(events)) as container:
        for packet in container.demux(subtitles=0):
            if packet.pts is None or not packet.duration or packet.time_base is None:
                continue
            start = packet.pts * packet.time_base - LEAD_SECONDS
            end = start + packet.duration * packet.time_base
            ass = bytes(packet).decode("utf-8", errors="replace").split(",", _FIELDS_BEFORE_TEXT)[-1]
            if text := cue_text(ass):
                yield Cue(
                    max(round(start * 1000), 0),
                    round(end * 1000),
                    text,
                    "line:0" if _is_at_the_top(ass) else "",
                )


def _is_at_the_top(ass: str) -> bool:
    if placed := _PLACED_CAPTION.search(ass):
        return int(placed[1]) < _CAPTION_LINES / 2
    return bool(_AT_THE_TOP.search(ass))


def cue_text(ass: str) -> str:
    """The WebVTT cue text of an ASS text.

    Bold, italic and underline are kept; drawings and effects are left out.
    """
    marked = "".join(_marked(text, styles) for text, styles in _fragments(ass))
    lines = (line.strip() for line in marked.split("\n"))
    # An empty line would end the cue.
    return "\n".join(line for line in lines if line)


def _fragments(ass: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The texts between overrides, each with the styles in force: `b`, `i`, `u`."""
    styles: frozenset[str] = frozenset()
    drawing = False
    for number, piece in enumerate(_OVERRIDES.split(ass)):
        if number % 2:
            styles = _restyled(styles, piece)
            if switches := _DRAWING.findall(piece):
                drawing = switches[-1] != "0"
        elif piece and not drawing:
            yield piece, styles


def _restyled(styles: frozenset[str], overrides: str) -> frozenset[str]:
    if _RESET.search(overrides):
        styles = frozenset()
    for style, on in _STYLE.findall(overrides):
        styles = styles - {style} if on in ("", "0") else styles | {style}
    return styles


def _marked(text: str, styles: frozenset[str]) -> str:
    for escaped, meant in _ESCAPES.items():
        text = text.replace(escaped, meant)
    printable = (c for c in _LINE_BREAK.sub("\n", text) if c == "\n" or ord(c) >= 0x20)
    before = "".join(f"<{style}>" for style in sorted(styles))
    after = "".join(f"</{style}>" for style in sorted(styles, reverse=True))
    return f"{before}{escape(''.join(printable), quote=False)}{after}"
