"""Tracks of subtitles of every kind that sources have, each in a file of its own, for FFmpeg to take over."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av

from corpus.captions import said_by, write_track

_FRAMES = 25
_FROM, _UNTIL = 100, 700
"""When a text is seen, in milliseconds. Every one is there and gone within the first second."""
_SUBRIP = "1\n00:00:00,100 --> 00:00:00,700\n{said}\n"
_WRITTEN = {
    "subrip": ("srt", _SUBRIP),
    "mov_text": ("srt", _SUBRIP),
    "ass": (
        "ass",
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:00.10,0:00:00.70,Default,,0,0,0,,{said}\n",
    ),
    "webvtt": ("vtt", "WEBVTT\n\n00:00.100 --> 00:00.700\n{said}\n"),
}
"""Suffix and content of what is text in a file, too."""
TEXTS = {*_WRITTEN, "eia_608"}
"""Those that become WebVTT."""
ENCODERS = {"mov_text": "mov_text", "dvb_subtitle": "dvbsub"}
"""FFmpeg's, of the kinds that it makes of others; the rest is copied."""


def words(kind: str, number: int | None = None) -> str:
    """What a text says, so that it is known again; in letters that CTA-608 and teletext have."""
    said = f"Words of {kind.replace('_', ' ')}"
    return said if number is None else f"{said} {number}"


def write_text(kind: str, number: int, folder: Path) -> Path:
    """A file with one track that says its words, or shows a picture."""
    path, said = folder / f"text_{number}", words(kind, number)
    if kind in _WRITTEN:
        suffix, content = _WRITTEN[kind]
        path = path.with_suffix(f".{suffix}")
        path.write_text(content.format(said=said))
        return path
    if kind == "eia_608":
        shown = {_FROM * _FRAMES // 1000: said, _UNTIL * _FRAMES // 1000: ""}
        return write_track(path.with_suffix(".mov"), said_by({"CC1": shown}, _FRAMES))
    if kind == "dvb_teletext":
        return _write_teletext(path.with_suffix(".ts"), said)
    path = path.with_suffix(".sup")
    path.write_bytes(_picture_of_text())
    return path


def _picture_of_text() -> bytes:
    """A white bar, as a Blu-ray shows text (US patent 2009/0185789)."""
    width, height, left, top = 48, 8, 72, 120
    place = left.to_bytes(2) + top.to_bytes(2)
    size = width.to_bytes(2) + height.to_bytes(2)
    screen = (192).to_bytes(2) + (144).to_bytes(2)
    line = bytes([0, 0x80 | width, 1, 0, 0])
    drawn = size + line * height
    shown = screen + b"\x10\0\1\x80\0\0\1" + b"\0\0\0\0" + place
    gone = screen + b"\x10\0\2\0\0\0\0"
    return b"".join(
        (
            _segment(_FROM, 0x16, shown),
            _segment(_FROM, 0x17, b"\1\0" + place + size),
            _segment(_FROM, 0x14, b"\0\0" + bytes([1, 235, 128, 128, 255])),
            _segment(_FROM, 0x15, b"\0\0\0\xc0" + len(drawn).to_bytes(3) + drawn),
            _segment(_FROM, 0x80, b""),
            _segment(_UNTIL, 0x16, gone),
            _segment(_UNTIL, 0x17, b"\1\0" + place + size),
            _segment(_UNTIL, 0x80, b""),
        )
    )


def _segment(milliseconds: int, kind: int, content: bytes) -> bytes:
    time = (milliseconds * 90).to_bytes(4)
    return b"PG" + time + bytes(4) + bytes([kind]) + len(content).to_bytes(2) + content


def _write_teletext(path: Path, said: str) -> Path:
    """Page 888, and the same without a line, in packets of EN 300 472: FFmpeg reads them, and writes none."""
    with av.open(str(path), "w", format="mpegts") as container:
        track = container.add_mux_stream("dvb_teletext", time_base=Fraction(1, 1000))
        track.metadata["language"] = "deu"
        for time, text in ((_FROM, said), (_UNTIL, ""), (_UNTIL + 40, "")):
            packet = av.Packet(b"\x10" + b"".join(_page(text)))
            packet.stream, packet.time_base, packet.pts, packet.dts = track, Fraction(1, 1000), time, time
            container.mux(packet)
    return path


def _page(text: str) -> Iterator[bytes]:
    """Its header, a line between boxes, and the header of no page, which ends it."""
    yield _header(8)
    yield _line(20, _letters(("\x0b\x0b" + text + "\x0a\x0a" if text else "").ljust(40)))
    yield _header(15)


def _header(digit: int) -> bytes:
    """Of a page of these two digits that is erased first, is subtitles, and serial (EN 300 706, 9.3.1)."""
    return _line(0, bytes(map(_hamming, (digit, digit, 0, 8, 0, 8, 0, 1))) + _letters(" " * 32))


def _line(number: int, content: bytes) -> bytes:
    """One of magazine 8, of which three bits are the number 0."""
    address = bytes(map(_hamming, ((number & 1) << 3, number >> 1)))
    return b"\x03\x2c" + b"\xe8\xe4" + bytes(map(_turned, chain(address, content)))


def _letters(text: str) -> bytes:
    return bytes(byte | (0x80 if byte.bit_count() % 2 == 0 else 0) for byte in text.encode("ascii"))


def _hamming(value: int) -> int:
    """Four bits, protected (EN 300 706, 8.2)."""
    one, two, three, four = (value >> place & 1 for place in range(4))
    checks = (1 ^ one ^ three ^ four, 1 ^ one ^ two ^ four, 1 ^ one ^ two ^ three)
    bits = [checks[0], one, checks[1], two, checks[2], three, 0, four]
    bits[6] = 1 ^ sum(bits) % 2
    return sum(bit << place for place, bit in enumerate(bits))


def _turned(byte: int) -> int:
    """The first bit to come is the lowest in teletext, and the highest in transport streams."""
    return int(f"{byte:08b}"[::-1], 2)
