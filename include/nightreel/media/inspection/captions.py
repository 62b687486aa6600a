"""Closed captions (CTA-608 and CTA-708), within the picture or in a track of their own."""

import json
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av

from nightreel.errors import EncoderFailed
from nightreel.media.inspection import caption_bytes
from nightreel.media.inspection.caption_bytes import DONE, MARK, Carried
from nightreel.media.inspection.languages import language_name
from nightreel.media.inspection.line_21 import Channels, Services
from nightreel.media.inspection.probe_tracks import subtitles_in
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.source import CAPTION_TRACK, CAPTIONS_IN_PICTURE, SourceProbe, TextStream

_TITLE = "Closed captions"
_MARKS_OF_MPEG_2 = (b"CC\x01\xf8", b"\x00\x00\x01\xb2\x03\x01", b"\x00\x00\x01\xb2\x03\x81")
"""The marks of captions on DVDs, and of SCTE 20."""
_MPEG_2 = ("mpeg1video", "mpeg2video")
_PIECE_BYTES = 4 * 1024**2
_TIMEOUT_SECONDS = 600.0
_TIMEOUT_FACTOR = 1.0


@dataclass(frozen=True)
class _Said:
    """What a track carries: channels `CC1` to `CC4`, text pages `T1` to `T4`, services of CTA-708."""

    channels: list[str]
    pages: list[str]
    services: set[int]


def with_captions(source: SourceProbe, path: Path) -> SourceProbe:
    """The source with a text for every caption channel that has any.

    Captions within the picture have the picture's index, and nothing says in which language they are. Those
    in a separate track replace that track, and the first has its language. Captions that cannot be read are
    reported. Raises EncoderFailed when the program that reads them crashed or took too long.
    """
    return _with_those_of_the_picture(_with_those_of_tracks(source, path), path)


def _with_those_of_tracks(source: SourceProbe, path: Path) -> SourceProbe:
    texts: list[TextStream] = []
    told: list[str] = []
    left_out: dict[int, str] = {}
    for text in source.text:
        if text.codec != CAPTION_TRACK:
            texts.append(text)
            continue
        said = _said(path, text.index, source.duration)
        texts += _channels(text, said.channels)
        told += _pages(f"Track {text.index}", said.pages)
        if not said.channels:
            left_out[text.index] = (
                f"{subtitles_in(text.index, text.language)} hold no closed captions that can be read; "
                "they were left out."
            )
    tracks = tuple(
        track.model_copy(update={"left_out": left_out.get(track.index, track.left_out)})
        for track in source.tracks
    )
    changes = {"text": tuple(texts), "tracks": tracks, "warnings": (*source.warnings, *told)}
    return source.model_copy(update=changes)


def _with_those_of_the_picture(source: SourceProbe, path: Path) -> SourceProbe:
    if not _may_carry(path, source.video.codec):
        return source
    said = _said(path, source.video.index, source.duration)
    texts = _channels(TextStream(index=source.video.index, codec=CAPTIONS_IN_PICTURE), said.channels)
    told = (*_pages("The picture", said.pages), *_services(said.services, said.channels))
    return source.model_copy(update={"text": (*source.text, *texts), "warnings": (*source.warnings, *told)})


def _said(path: Path, track: int, duration: float) -> _Said:
    channels, services, said = Channels(), Services(), set[str]()
    for _, data in carried(path, track, duration):
        said |= {pair.channel for pair in channels.read(data) if pair.printed}
        services.read(data)
    services.end()
    pages = sorted(name for name in said if name.startswith("T"))
    return _Said(sorted(said - set(pages)), pages, services.found)


def _channels(track: TextStream, names: list[str]) -> Iterator[TextStream]:
    """The texts of a track, or of the picture. Viewers see one only if they choose it."""
    language = language_name(track.language)
    first = track.title or (f"{language} (CC)" if language else _TITLE)
    for number, name in enumerate(names):
        own = {"title": f"{_TITLE} ({name})", "language": "und"} if number else {"title": first}
        yield track.model_copy(update={"channel": name, "default": False, "forced": False, **own})


def carried(path: Path, track: int, duration: float) -> Iterator[Carried]:
    """What a track carries, in display order; times in seconds on the file's own clock.

    Raises EncoderFailed as `with_captions` does.
    """
    request = caption_bytes.Request(path=local(path), options=INPUT_OPTIONS, track=track)
    # The program's folder must not come first on the module search path.
    command = [sys.executable, "-P", caption_bytes.__file__, json.dumps(vars(request))]
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    sandbox = Sandbox(reads=(path, Path(caption_bytes.__file__), Path(av.__file__).parents[1]))
    limit = _TIMEOUT_SECONDS + _TIMEOUT_FACTOR * duration
    done = False
    for text in process.lines(command, timeout_seconds=limit, sandbox=sandbox, stderr=said):
        line = json.loads(text)
        done = line == DONE
        if line and not done:
            yield line[0], bytes.fromhex(line[1])
    if not done:
        raise EncoderFailed(f"reading the closed captions ended early; it said: {' '.join(said)}")


def _may_carry(path: Path, codec: str) -> bool:
    """Whether the file contains the mark of captions: most do not, and are not opened again."""
    marks = (MARK, *_MARKS_OF_MPEG_2) if codec in _MPEG_2 else (MARK,)
    with path.open("rb") as stream:
        return any(mark in piece for piece in _pieces(stream, max(map(len, marks))) for mark in marks)


def _pieces(stream: BinaryIO, overlap: int) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(_PIECE_BYTES):
        yield before + piece
        before = piece[-overlap:]


def _pages(carrier: str, pages: list[str]) -> Iterator[str]:
    if pages:
        yield f"{carrier} carries pages of text ({', '.join(pages)}) beside its captions; they were left out."


def _services(found: set[int], taken: list[str]) -> Iterator[str]:
    """The sentence about CTA-708 services that CTA-608 does not repeat."""
    numbers = ", ".join(map(str, sorted(found)))
    if len(found) <= len(taken):
        return
    if not taken:
        yield (
            "The picture carries closed captions in a form that cannot be read (CTA-708 without CTA-608, "
            f"services {numbers}); they were left out. Add them as subtitles to have them shown."
        )
        return
    yield (
        f"The picture carries closed captions in services {numbers} of CTA-708, which cannot be read; only "
        f"what is also in CTA-608 ({', '.join(taken)}) was taken. Add the others as subtitles."
    )
