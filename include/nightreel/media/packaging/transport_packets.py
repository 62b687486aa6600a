"""Where the keyframes lie in a segment of MPEG-TS (ISO/IEC 13818-1, 2.4.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

PACKET_BYTES = 188
_TABLES = (0x0000, 0x0011)
"""The PIDs of the program association table, and of the description that FFmpeg puts before it."""
_PES_VIDEO = range(0xE0, 0xF0)
"""Stream ids of pictures (table 2-22)."""


@dataclass(frozen=True)
class _Packet:
    position: int
    pid: int
    starts_unit: bool
    random_access: bool
    payload: bytes


def keyframe_ranges(segment: bytes) -> Iterator[tuple[int, int]]:
    """First byte, and the byte after the last one, of every keyframe, tables in front included.

    So that each range can be played by itself, as RFC 8216, 4.3.3.6 asks for.
    """
    packets = list(_packets(segment))
    pictures = [
        index
        for index, packet in enumerate(packets)
        if packet.starts_unit and packet.payload[:3] == b"\0\0\1" and packet.payload[3] in _PES_VIDEO
    ]
    for index, following in pairwise([*pictures, len(packets)]):
        if packets[index].random_access:
            own = [each for each in packets[index:following] if each.pid == packets[index].pid]
            yield _tables_before(packets, index), own[-1].position + PACKET_BYTES


def _tables_before(packets: list[_Packet], index: int) -> int:
    """Where the tables begin that FFmpeg repeats right before a keyframe."""
    program_map = index - 1
    start = program_map
    while start > 0 and packets[start - 1].pid in _TABLES:
        start -= 1
    return packets[start if start < program_map else index].position


def _packets(segment: bytes) -> Iterator[_Packet]:
    for position in range(0, len(segment) - PACKET_BYTES + 1, PACKET_BYTES):
        packet = segment[position : position + PACKET_BYTES]
        adapted, payload_follows = packet[3] & 0x20, packet[3] & 0x10
        adaptation_bytes = 1 + packet[4] if adapted else 0
        yield _Packet(
            position=position,
            pid=int.from_bytes(packet[1:3], "big") & 0x1FFF,
            starts_unit=bool(packet[1] & 0x40),
            random_access=bool(adaptation_bytes > 1 and packet[5] & 0x40),
            payload=packet[4 + adaptation_bytes :] if payload_follows else b"",
        )
