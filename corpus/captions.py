"""Closed captions within the picture, as television has them: CTA-608 in messages (SEI) of H.264."""

import subprocess
from pathlib import Path

_START = b"\x00\x00\x00\x01"
_DELIMITER = _START + b"\x09"
"""Of access units (ITU-T H.264, nal_unit_type 9)."""
_A53 = b"\xb5\x00\x31GA94\x03"
"""Registered user data of ATSC (ATSC A/53, part 4, 6.2.3)."""
_CLEAR, _LOAD, _SHOW, _LAST_ROW, _NOTHING = b"\x94\x2c", b"\x94\x20", b"\x94\x2f", b"\x94\x70", b"\x80\x80"
"""Control codes of the first channel (CTA-608), with their parity."""
_BLOCK = b"\x02\x22"
"""Headers of a packet, and of a block for the first service that is not empty (CTA-708)."""


def write_captioned(
    path: Path,
    shown: dict[int, str],
    ffmpeg: str,
    *,
    frames: int = 75,
    digital: bool = False,
) -> Path:
    """A picture at 25 fps; `shown` has the text that appears at each frame, an empty one to clear.

    `digital` has CTA-708 alone, of which no text can be read here.
    """
    plain = path.with_suffix(".h264")
    command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=96x54:rate=25"]
    command += ["-frames:v", str(frames), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    command += ["-bf", "0", "-x264-params", "aud=1:level=3", str(plain)]
    subprocess.run(command, check=True, timeout=60)
    pictures = plain.read_bytes().split(_DELIMITER)[1:]
    codes = [_BLOCK] * frames if digital else _codes(shown, frames)
    kind = 0xFF if digital else 0xFC
    plain.write_bytes(
        b"".join(
            _DELIMITER + picture[:1] + _message(kind, code) + picture[1:]
            for picture, code in zip(pictures, codes, strict=True)
        )
    )
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-f", "h264", "-i", str(plain)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


def _codes(shown: dict[int, str], frames: int) -> list[bytes]:
    """Two bytes per frame. A text is loaded before it appears, on its frame."""
    codes = [_NOTHING] * frames
    for frame, text in shown.items():
        padded = text + " " * (len(text) % 2)
        letters = [bytes(map(_with_parity, pair)) for pair in _pairs(padded.encode("ascii"))]
        before = [_LOAD, _LOAD, _LAST_ROW, _LAST_ROW, *letters]
        codes[frame] = _SHOW if text else _CLEAR
        if text:
            codes[frame - len(before) : frame] = before
    return codes


def _pairs(text: bytes) -> list[bytes]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]


def _with_parity(letter: int) -> int:
    return letter | (0x80 if letter.bit_count() % 2 == 0 else 0)


def _message(kind: int, code: bytes) -> bytes:
    """A unit of supplemental information with one pair of bytes."""
    data = _A53 + bytes([0x40 | 1, 0xFF, kind]) + code + b"\xff"
    return _START + b"\x06\x04" + bytes([len(data)]) + data + b"\x80"
