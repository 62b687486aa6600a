"""H.264 whose pictures are single fields, as cameras and broadcasters write, but x264 does not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from corpus.dolby_vision import bits, escaped, se, ue

_START = b"\x00\x00\x00\x01"
_SEQUENCE, _PICTURE, _FIRST_FIELD, _SECOND_FIELD = b"\x67", b"\x68", b"\x65", b"\x61"
"""Unit headers (ITU-T H.264, table 7-1)."""
_MACROBLOCK = 16
_UNCOMPRESSED = 25
"""The type of an uncompressed macroblock (I_PCM)."""
_GREY = bytes([128]) * 128


def write_field_coded(
    path: Path,
    luma: Callable[[int, int], int],
    ffmpeg: str,
    *,
    blocks: tuple[int, int] = (3, 6),
    frames: int = 10,
) -> Path:
    """Grey frames at 25 fps, the upper field first. `luma` gives the level of a line, 1 or more, for the
    number of the field and that of the line in the frame. `blocks` are 16×16 pixels."""
    stream = [_unit(_SEQUENCE, _sequence(blocks)), _unit(_PICTURE, _picture())]
    for number in range(2 * frames):
        header = _SECOND_FIELD if number % 2 else _FIRST_FIELD
        stream.append(_unit(header, _slice(number, blocks, luma)))
    plain = path.with_suffix(".h264")
    plain.write_bytes(b"".join(stream))
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-f", "h264", "-i", str(plain)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


def _unit(header: bytes, content: bytes) -> bytes:
    return _START + header + escaped(content)


def _packed(written: str) -> bytes:
    """The bits with the bit that ends a unit (7.3.2.11), as bytes."""
    written += "1"
    written += "0" * (-len(written) % 8)
    return int(written, 2).to_bytes(len(written) // 8)


def _sequence(blocks: tuple[int, int]) -> bytes:
    wide, high = blocks
    timing = "00001" + bits(1, 32) + bits(50, 32) + "1" + "0000"
    return _packed(
        bits(77, 8) + bits(0, 8) + bits(30, 8)
        # Sizes of counters, order of pictures, one reference.
        + ue(0) + ue(0) + ue(0) + ue(4) + ue(1) + "0"
        # Not only frames, but not mixed within a frame.
        + ue(wide - 1) + ue(high // 2 - 1) + "0" + "0" + "1" + "0"
        + "1" + timing
    )  # fmt: skip


def _picture() -> bytes:
    return _packed(ue(0) + ue(0) + "00" + ue(0) + ue(0) + ue(0) + "000" + se(0) + se(0) + se(0) + "000")


def _slice(number: int, blocks: tuple[int, int], luma: Callable[[int, int], int]) -> bytes:
    second = number % 2
    header = ue(0) + ue(7) + ue(0) + bits(0, 4) + "1" + str(second)
    header += bits(1, 8) + "0" if second else ue(number // 2 % 2) + bits(0, 8) + "00"
    written, content = header + se(0), bytearray()
    for row in range(blocks[1] // 2):
        lines = range(row * _MACROBLOCK, (row + 1) * _MACROBLOCK)
        samples = b"".join(bytes([luma(number, 2 * line + second)]) * _MACROBLOCK for line in lines) + _GREY
        for _ in range(blocks[0]):
            written += ue(_UNCOMPRESSED)
            written += "0" * (-len(written) % 8)
            content += int(written, 2).to_bytes(len(written) // 8) + samples
            written = ""
    return bytes(content) + b"\x80"
