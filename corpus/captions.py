"""Writes closed captions (CTA-608): within the picture, in SEI messages of H.264, or in QuickTime tracks."""

import subprocess
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av

from corpus.dolby_vision import escaped

_START = b"\x00\x00\x00\x01"
_DELIMITER = _START + b"\x09"
"""The access unit delimiter (ITU-T H.264, nal_unit_type 9)."""
_A53 = b"\xb5\x00\x31GA94\x03"
"""The user data header registered by ATSC (ATSC A/53, part 4, 6.2.3)."""
_CLEAR, _LOAD, _SHOW, _LAST_ROW, _PAGE = (0x14, 0x2C), (0x14, 0x20), (0x14, 0x2F), (0x14, 0x70), (0x14, 0x2A)
"""Control codes of the first channel (CTA-608). `_PAGE` begins a page of text."""
_PROGRAMME = (b"\x01\x03", b"Ni", b"gh", b"t!", b"\x0f\x1d")
"""The programme's name, as the second field sends it (XDS)."""
_MOST_IN_PICTURE = 31
_ROOM = (0xFC, b"\x80\x80")
_FRAME = Fraction(1, 25)

Shown = dict[int, str]
"""The text that appears at each frame; an empty one clears the screen."""
Said = list[list[tuple[int, bytes]]]
"""What each frame carries: pairs of bytes, each with its kind."""


def write_captioned(
    path: Path,
    shown: Shown | dict[str, Shown],
    ffmpeg: str,
    *,
    frames: int = 75,
    services: tuple[int, ...] = (),
    programme: bool = False,
) -> Path:
    """A picture at 25 fps with captions in CC1, or in the channels in `shown` (`CC1` to `CC4`, `T1`).

    `services` are numbers of CTA-708; `programme` also sends the programme's name.
    """
    said = said_by(_by_channel(shown), frames, services)
    if programme:
        for number, pair in enumerate(_PROGRAMME):
            said[frames // 3 + number].append((0xFD, bytes(map(_with_parity, pair))))
    return _written(path, said, ffmpeg)


def write_with_tracks(path: Path, source: Path, tracks: Mapping[str, Said], ffmpeg: str) -> Path:
    """A QuickTime file with the source's tracks, and with caption tracks by language, at 25 fps.

    The captions are in the first field, because FFmpeg writes no other.
    """
    inputs = [source, *(write_track(path.with_suffix(f".{name}.mov"), said) for name, said in tracks.items())]
    command = [ffmpeg, "-v", "error", "-y"]
    for each in inputs:
        command += ["-i", str(each)]
    for number in range(len(inputs)):
        command += ["-map", str(number)]
    for number, language in enumerate(tracks):
        command += [f"-metadata:s:s:{number}", f"language={language}"]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


def write_track(path: Path, said: Said) -> Path:
    """A QuickTime file with only one caption track, at 25 fps, that carries what is `said`."""
    with av.open(str(path), "w", format="mov") as container:
        track = container.add_mux_stream("eia_608", time_base=_FRAME)
        for number, pairs in enumerate(said):
            packet = av.Packet(b"".join(bytes([kind]) + pair for kind, pair in pairs or [_ROOM]))
            packet.stream, packet.time_base, packet.duration = track, _FRAME, 1
            packet.pts = packet.dts = number
            container.mux(packet)
    return path


def _by_channel(shown: Shown | dict[str, Shown]) -> dict[str, Shown]:
    named = {key: texts for key, texts in shown.items() if isinstance(key, str) and isinstance(texts, dict)}
    plain = {key: text for key, text in shown.items() if isinstance(key, int) and isinstance(text, str)}
    return named or {"CC1": plain}


def said_by(channels: dict[str, Shown], frames: int, services: tuple[int, ...] = ()) -> Said:
    """What each frame carries; `services` are numbers of CTA-708."""
    said: Said = [[] for _ in range(frames)]
    for channel, texts in channels.items():
        _say(said, channel, texts)
    for number in services:
        # A packet with one block: two letters, which are the service's number.
        letters = bytes([0x30 + number]) * 2
        said[frames // 2] += [(0xFF, bytes([0x02, number << 5 | 2])), (0xFE, letters)]
    return said


def with_captions(stream: bytes, said: Said) -> bytes:
    """An H.264 stream, split at its access unit delimiters, with what is `said` added to each picture."""
    pictures = stream.split(_DELIMITER)[1:]
    return b"".join(
        _DELIMITER + picture[:1] + _message(threes or [_ROOM]) + picture[1:]
        for picture, threes in zip(pictures, said, strict=True)
    )


def _written(path: Path, said: Said, ffmpeg: str) -> Path:
    plain = path.with_suffix(".h264")
    command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=96x54:rate=25"]
    command += ["-frames:v", str(len(said)), "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-bf", "0", "-x264-params", "aud=1:level=3", str(plain)]
    subprocess.run(command, check=True, timeout=60)
    plain.write_bytes(with_captions(plain.read_bytes(), said))
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-f", "h264", "-i", str(plain)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


def _say(said: Said, channel: str, shown: Shown) -> None:
    """Loads each text one frame before it appears. Letters belong to a channel until another one's turn."""
    number = int(channel[-1])
    kind = 0xFC if number <= 2 else 0xFD
    second = 0 if number % 2 else 0x08

    def control(code: tuple[int, int]) -> bytes:
        # The second field has commands of its own, but the same rows.
        field = 1 if kind == 0xFD and code[1] < 0x30 else 0
        return bytes(map(_with_parity, (code[0] + field | second, code[1])))

    for frame, text in shown.items():
        padded = text + " " * (len(text) % 2)
        letters = [bytes(map(_with_parity, pair)) for pair in _pairs(padded.encode("ascii"))]
        if channel.startswith("T"):
            said[frame] += [(kind, control(_PAGE)), *((kind, pair) for pair in letters)]
            continue
        if text:
            before = [control(_LOAD), control(_LOAD), control(_LAST_ROW), control(_LAST_ROW), *letters]
            said[frame - 1] += [(kind, pair) for pair in before]
        said[frame].append((kind, control(_SHOW if text else _CLEAR)))


def _pairs(text: bytes) -> list[bytes]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]


def _with_parity(letter: int) -> int:
    return letter | (0x80 if letter.bit_count() % 2 == 0 else 0)


def _message(said: list[tuple[int, bytes]]) -> bytes:
    """An SEI unit. Raises ValueError for more pairs than it can hold."""
    if len(said) > _MOST_IN_PICTURE:
        raise ValueError(f"{len(said)} pairs are too many for one picture: {_MOST_IN_PICTURE} are the most")
    threes = b"".join(bytes([kind]) + pair for kind, pair in said)
    data = _A53 + bytes([0x40 | len(said), 0xFF]) + threes + b"\xff"
    return _START + b"\x06\x04" + bytes([len(data)]) + escaped(data) + b"\x80"
