"""Closed captions that travel within the picture (CTA-608 and CTA-708): subtitles without a track."""

import json
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av

from nightreel.errors import EncoderFailed
from nightreel.media.inspection import caption_bytes
from nightreel.media.inspection.caption_bytes import DONE, MARK, Carried
from nightreel.media.inspection.line_21 import Channels, Services
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.source import SourceProbe, TextStream

CAPTIONS_IN_PICTURE = "cc_in_picture"
"""As the codec of a text: what is read of the pictures."""

_TITLE = "Closed captions"
_MARKS_OF_MPEG_2 = (b"CC\x01\xf8", b"\x00\x00\x01\xb2\x03\x01", b"\x00\x00\x01\xb2\x03\x81")
"""Of DVDs, and of SCTE 20."""
_MPEG_2 = ("mpeg1video", "mpeg2video")
_PIECE_BYTES = 4 * 1024**2
_TIMEOUT_SECONDS = 600.0
_TIMEOUT_FACTOR = 1.0


def with_captions(source: SourceProbe, path: Path) -> SourceProbe:
    """The source with a further text for every channel of captions that says something.

    They are of the picture's own index; nothing says in which language they are. What cannot be
    read is told. Raises EncoderFailed when the program that reads them crashed or took too long.
    """
    if not _may_carry(path, source.video.codec):
        return source
    channels, services, said = Channels(), Services(), set[str]()
    for _, data in carried(path, source.video.index, source.duration):
        said |= {pair.channel for pair in channels.read(data) if pair.printed}
        services.read(data)
    services.end()
    taken = sorted(name for name in said if name.startswith("CC"))
    texts = tuple(
        TextStream(
            index=source.video.index,
            codec=CAPTIONS_IN_PICTURE,
            title=f"{_TITLE} ({name})" if number else _TITLE,
            channel=name,
        )
        for number, name in enumerate(taken)
    )
    told = (*_pages(said), *_services(services.found, taken))
    return source.model_copy(update={"text": (*source.text, *texts), "warnings": (*source.warnings, *told)})


def carried(path: Path, video: int, duration: float) -> Iterator[Carried]:
    """What the pictures carry, in the order of showing; times in seconds on the file's own clock.

    Raises EncoderFailed as `with_captions` does.
    """
    request = caption_bytes.Request(path=local(path), options=INPUT_OPTIONS, video=video)
    # Its own folder must not come first among those that modules are looked for in.
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
    """Whether the file has the mark of captions anywhere: most have none, and are not opened again."""
    marks = (MARK, *_MARKS_OF_MPEG_2) if codec in _MPEG_2 else (MARK,)
    with path.open("rb") as stream:
        return any(mark in piece for piece in _pieces(stream, max(map(len, marks))) for mark in marks)


def _pieces(stream: BinaryIO, overlap: int) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(_PIECE_BYTES):
        yield before + piece
        before = piece[-overlap:]


def _pages(said: set[str]) -> Iterator[str]:
    if pages := ", ".join(sorted(name for name in said if name.startswith("T"))):
        yield f"The picture carries pages of text ({pages}) beside its captions; they were left out."


def _services(found: set[int], taken: list[str]) -> Iterator[str]:
    """The sentence about captions in the newer form that the older one does not repeat."""
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
