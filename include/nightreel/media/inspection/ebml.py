"""The outermost elements of a Matroska file (RFC 8794), which show how many recordings were joined in it."""

from pathlib import Path

_HEADER = 0x1A45DFA3
_LONGEST_NUMBER = 8
_UNKNOWN_SIZE = -1


def recordings_in(path: Path) -> int:
    """How many EBML headers a file has at its outermost level, as far as element sizes are known."""
    total = path.stat().st_size
    headers = 0
    with path.open("rb") as stream:
        position = 0
        while position < total:
            stream.seek(position)
            beginning = stream.read(4 + _LONGEST_NUMBER)
            identity, length = _number(beginning, keep_marker=True)
            size, size_length = _number(beginning[length:], keep_marker=False)
            if not length or not size_length or size == _UNKNOWN_SIZE:
                break
            headers += identity == _HEADER
            position += length + size_length + size
    return headers


def _number(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number (RFC 8794, section 4) and its length in bytes, 0 if it is malformed."""
    if not data or not data[0]:
        return 0, 0
    length = 9 - data[0].bit_length()
    if len(data) < length:
        return 0, 0
    value = int.from_bytes(data[:length])
    if keep_marker:
        return value, length
    bits = 7 * length
    value &= (1 << bits) - 1
    # All bits set: the size was not known yet (section 6.2).
    return (_UNKNOWN_SIZE if value == (1 << bits) - 1 else value), length
