"""Sorts the bytes of captions within the picture into their channels.

CTA-608 is named after the line of analogue television that it used. It sends four channels of captions
(`CC1` to `CC4`) and four of text pages (`T1` to `T4`), two of each per field; the second field also
carries information about the programme (XDS). CTA-708 sends packets of numbered services.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_VALID, _TYPE, _SECOND_FIELD, _PACKET, _PACKET_START = 0x04, 0x03, 1, 2, 3
"""Bits of the first of three bytes (ATSC A/53, part 4, table 6.9)."""
_WITHOUT_PARITY = 0x7F
_OF_SECOND_CHANNEL = 0x08
_FIRST_CHARACTER = 0x20
_CONTROL = range(0x10, 0x20)
_CONTROL_CODES = range(0x20, 0x30)
_OF_TEXT = {0x2A, 0x2B}
"""Restart and resume text; the other mode commands begin captions."""
_OF_CAPTIONS = {0x20, 0x25, 0x26, 0x27, 0x29, 0x2F}
_END_OF_XDS = 0x0F
_LONGEST_PACKET = 127
_EXTENDED_SERVICE = 7


@dataclass(frozen=True)
class Pair:
    """Two bytes of one channel, converted to the first channel of its field."""

    channel: str
    data: bytes
    printed: bool
    """Whether they are letters rather than a command."""


@dataclass
class _Field:
    """One of the two fields; keeps its state from pair to pair."""

    first_channel: int
    channel: int = 0
    in_text: set[int] = field(default_factory=set)
    in_xds: bool = False

    def read(self, pair: bytes) -> Pair | None:
        first, second = (byte & _WITHOUT_PARITY for byte in pair)
        if _odd(pair[0]) and first < _CONTROL.start:
            if first and self.first_channel > 1:
                self.in_xds = first != _END_OF_XDS
            return None
        if _odd(pair[0]) and first in _CONTROL:
            self.in_xds = False
            self._turn(first, second)
            return self._of_channel(bytes([_with_parity(_plain(first, second)), pair[1]]), first, second)
        return None if self.in_xds or not self.channel else self._of_channel(pair, first, second)

    def _turn(self, first: int, second: int) -> None:
        self.channel = self.first_channel + bool(first & _OF_SECOND_CHANNEL)
        if not _is_command(first, second):
            return
        if second in _OF_TEXT:
            self.in_text.add(self.channel)
        elif second in _OF_CAPTIONS:
            self.in_text.discard(self.channel)

    def _of_channel(self, data: bytes, first: int, second: int) -> Pair:
        name = f"{'T' if self.channel in self.in_text else 'CC'}{self.channel}"
        return Pair(name, data, printed=_prints(first, second))


def _plain(first: int, second: int) -> int:
    """The equivalent command of the first channel of the first field."""
    own = first & ~_OF_SECOND_CHANNEL
    return 0x14 if _is_command(first, second) else own


def _is_command(first: int, second: int) -> bool:
    # The second field has 0x15 where the first has 0x14.
    return first & ~_OF_SECOND_CHANNEL in (0x14, 0x15) and second in _CONTROL_CODES


def _prints(first: int, second: int) -> bool:
    own = first & ~_OF_SECOND_CHANNEL
    special = own == 0x11 and second in range(0x30, 0x40)
    extended = own in (0x12, 0x13) and second in range(0x20, 0x40)
    return first >= _FIRST_CHARACTER or special or extended


def _odd(byte: int) -> bool:
    return byte.bit_count() % 2 == 1


def _with_parity(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)


class Channels:
    """All of CTA-608; keeps its state from picture to picture."""

    def __init__(self) -> None:
        self._fields = (_Field(1), _Field(3))

    def read(self, carried: bytes) -> Iterator[Pair]:
        """The pairs of one picture; `carried` are its bytes in threes."""
        for kind, *pair in threes(carried):
            if kind & _VALID and kind & _TYPE <= _SECOND_FIELD:
                read = self._fields[kind & _TYPE].read(bytes(pair))
                if read is not None:
                    yield read


class Services:
    """All of CTA-708; keeps its state from picture to picture."""

    def __init__(self) -> None:
        self.found: set[int] = set()
        """The numbers of the services that have any text."""
        self._packet = b""

    def read(self, carried: bytes) -> None:
        """Reads the caption bytes of one picture (CTA-708); call it in display order."""
        for kind, *pair in threes(carried):
            if not kind & _VALID or kind & _TYPE < _PACKET:
                continue
            if kind & _TYPE == _PACKET_START:
                self.end()
            self._packet = (self._packet + bytes(pair))[: _LONGEST_PACKET + 1]

    def end(self) -> None:
        """Takes the last, unfinished packet into account."""
        size = (self._packet[0] & 0x3F) * 2 if self._packet else 0
        blocks = self._packet[1 : size or _LONGEST_PACKET + 1]
        self._packet = b""
        at = 0
        while at < len(blocks):
            service, size = blocks[at] >> 5, blocks[at] & 0x1F
            at += 1
            if service == _EXTENDED_SERVICE and size and at < len(blocks):
                service, at = blocks[at] & 0x3F, at + 1
            if not size or not service:
                return
            self.found.add(service)
            at += size


def threes(carried: bytes) -> Iterable[bytes]:
    """The caption data in threes: a kind and a pair (CTA-708). Leftover bytes are dropped."""
    return (carried[at : at + 3] for at in range(0, len(carried) - 2, 3))
