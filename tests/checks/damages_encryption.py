"""What can be wrong with an encrypted release, and the rule that is meant to notice."""

from collections.abc import Callable
from pathlib import Path

from nightreel.vocabulary.release import MPD
from tests.checks.damaging import Damage, edited, without_lines

INIT = "stream_108p_init.mp4"
_KEY_LINE = r"#EXT-X-KEY:[^\n]*\n"


def _bytes_after(name: str, kind: bytes, offset: int, content: bytes) -> Callable[[Path], None]:
    """Overwrites what is `offset` bytes into the body of the first box of a kind."""

    def apply(directory: Path) -> None:
        data = bytearray((directory / name).read_bytes())
        start = data.index(kind) + len(kind) + offset
        data[start : start + len(content)] = content
        (directory / name).write_bytes(data)

    return apply


def subsamples_all_clear(directory: Path) -> None:
    """Every sample of a segment says that none of its bytes is encrypted, as if it were all headers."""
    path = directory / "stream_108p_000.m4s"
    data = bytearray(path.read_bytes())
    body = data.index(b"senc") + 4
    assert data[body + 3] & 2, "samples have no subsamples"
    position = body + 8
    for _ in range(int.from_bytes(data[body + 4 : body + 8], "big")):
        subsamples = int.from_bytes(data[position : position + 2], "big")
        position += 2
        for _ in range(subsamples):
            clear = int.from_bytes(data[position : position + 2], "big")
            protected = int.from_bytes(data[position + 2 : position + 6], "big")
            data[position : position + 6] = (clear + protected).to_bytes(2, "big") + bytes(4)
            position += 6
    path.write_bytes(data)


ENCRYPTION_DAMAGES = (
    Damage("no EXT-X-KEY", without_lines("stream_108p.m3u8", "EXT-X-KEY"), ("key-method",)),
    Damage("no EXT-X-KEY for the sound", without_lines("audio_en.m3u8", "EXT-X-KEY"), ("key-method",)),
    Damage("no EXT-X-KEY for the I-frames", without_lines("iframe_108p.m3u8", "EXT-X-KEY"), ("key-method",)),
    Damage(
        "a first segment that is said to be clear",
        edited("audio_en.m3u8", rf"({_KEY_LINE})((?:(?!EXTINF)[^\n]*\n)*#EXTINF[^\n]*\n[^\n]*\n)", r"\2\1"),
        ("key-method",),
    ),
    Damage(
        "another way of encryption in a playlist",
        edited("stream_108p.m3u8", "METHOD=SAMPLE-AES", "METHOD=AES-128"),
        ("key-method",),
    ),
    Damage("a key without an address", edited("stream_108p.m3u8", 'URI="https:[^"]*",', ""), ("key-uri",)),
    Damage(
        "no default_KID in the MPD", edited(MPD, r'cenc:default_KID="[^"]*"', "", 0), ("mpd-key-id",)
    ),
    Damage(
        "another default_KID in the MPD",
        edited(MPD, r'default_KID="[^"]{8}', 'default_KID="00000000', 0),
        ("mpd-key-id",),
    ),
    Damage("another key's id", _bytes_after(INIT, b"tenc", 8, bytes(16)), ("key-id",)),
    Damage("samples clear by default", _bytes_after(INIT, b"tenc", 6, b"\0"), ("encrypted-throughout",)),
    Damage("another pattern", _bytes_after(INIT, b"tenc", 5, b"\x55"), ("encryption-pattern",)),
    Damage(
        "sound in a pattern",
        _bytes_after("audio_en_init.mp4", b"tenc", 5, b"\x19"),
        ("encryption-pattern",),
    ),
    Damage("another scheme", _bytes_after(INIT, b"schm", 4, b"cenc"), ("encryption",)),
    Damage("samples said to have nothing encrypted", subsamples_all_clear, ("no-clear-samples",)),
)  # fmt: skip
