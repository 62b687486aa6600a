"""Dolby Vision profile 5 without a record in the container, as a careless remux leaves it."""

import subprocess
import zlib
from pathlib import Path

_START = b"\x00\x00\x00\x01"
_DELIMITER = _START + b"\x46\x01"
"""The access unit delimiter (ITU-T H.265, nal_unit_type 35)."""
_RPU = _START + b"\x7c\x01"
"""The reference processing unit, sent as a unit of type 62 at the end of a picture."""


def write_bare_profile_5(path: Path, ffmpeg: str) -> Path:
    """Three pictures with the metadata of profile 5, and nothing else that says so."""
    plain = path.with_suffix(".hevc")
    command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-t", "0.12", "-i", "testsrc2=size=128x72:rate=25"]
    command += ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"]
    command += ["-x265-params", "aud=1:bframes=0:repeat-headers=1:log-level=none", str(plain)]
    subprocess.run(command, check=True, timeout=60)
    units = plain.read_bytes().split(_DELIMITER)[1:]
    plain.write_bytes(b"".join(_DELIMITER + unit + _RPU + escaped(_profile_5()) for unit in units))
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-f", "hevc", "-i", str(plain)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


def _profile_5() -> bytes:
    """An RPU (ETSI GS CCM 001, 5.3) that leaves the values as they are."""
    header = "".join(
        (
            *(bits(2, 6), bits(18, 11), bits(0, 4), bits(0, 4), "1"),
            # Explicit filter, kind and precision of coefficients, normalisation, full range.
            *("0", bits(0, 2), ue(23), bits(1, 2), "1"),
            # Bit depths over 8; no resampling, no residual.
            *(ue(2), ue(2), ue(4), "0", bits(0, 3), "0", "1"),
            # No display metadata, nothing taken from the previous picture.
            *("0", "0"),
        )
    )
    pivots = (ue(0) + bits(0, 10) + bits(1023, 10)) * 3
    straight = ue(0) + ue(0) + "0" + se(0) + bits(0, 23) + se(1) + bits(0, 23)
    body = header + ue(0) + ue(0) + ue(0) + pivots + ue(0) + ue(0) + straight * 3
    body += "0" * (-len(body) % 8)
    packed = int(body, 2).to_bytes(len(body) // 8)
    return b"\x19" + packed + zlib.crc32(packed).to_bytes(4) + b"\x80"


def bits(value: int, width: int) -> str:
    """A number with this many bits, as text of 0 and 1."""
    return f"{value:0{width}b}"


def ue(value: int) -> str:
    """An Exp-Golomb code (ITU-T H.265, 9.2)."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def se(value: int) -> str:
    """A signed number in Exp-Golomb code (ITU-T H.264, 9.1.1), as text of 0 and 1."""
    return ue(2 * value - 1 if value > 0 else -2 * value)


def escaped(unit: bytes) -> bytes:
    """The unit with emulation prevention, so that it contains no start code."""
    escaped = bytearray()
    for byte in unit:
        if byte <= 3 and escaped[-2:] == b"\x00\x00":
            escaped.append(3)
        escaped.append(byte)
    return bytes(escaped)
