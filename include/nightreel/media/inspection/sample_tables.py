"""Compares how many samples the index of an MP4 promises with how many its file can hold.

FFmpeg allocates memory for every promised sample. A table of sizes takes four bytes of the file for each.
But samples of one size (ISO/IEC 14496-12, 8.7.3), runs of a fragment without fields of their own (8.8.8)
and samples of a chunk (8.7.4) take none: a kilobyte can promise billions.
"""

from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack, unpack
from typing import BinaryIO

from nightreel.media.inspection.boxes import Box, nested_boxes
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.inspection.timeline import MOST_PACKETS

_ENTRY_BYTES = {"stts": 8, "ctts": 8, "stss": 4, "stsc": 12, "stco": 4, "co64": 8}
_CHUNKS = ("stco", "co64")
_SIZE_OF_EACH = 4
_LEAST_SIZE = 0.5
"""The smallest entry of a compact table of sizes (`stz2`): four bits."""
_RUN_FIELDS = (0x100, 0x200, 0x400, 0x800)
"""Flags of a run (`trun`): what it says about each of its samples, in four bytes each."""
_SOUND = b"soun"
_SAMPLES_A_BYTE = 64
"""More samples per byte than any compressed sound has: QuickTime counts samples, not packets."""
_PACKET_SAMPLES = 1024
"""FFmpeg makes one packet of this many samples of sound."""


@dataclass
class _Track:
    """What one track's tables promise, as far as they were read."""

    handler: bytes = b""
    of_one_size: int = 0
    durations: tuple[int, int] = (0, 0)
    """How many entries give durations of samples, and the first duration."""
    chunks: int = 0
    samples_in_chunks: Box | None = None

    @property
    def is_read_in_chunks(self) -> bool:
        """Whether FFmpeg reads it in chunks, as it does sound whose samples last one tick each."""
        return self.handler == _SOUND and self.durations == (1, 1)


def require_plausible_tables(path: Path) -> None:
    """Reads the headers of the tables and, for sound that is read in chunks, the chunk table.

    Raises SourceRejected: `overstated_index`, `compressed_index`, `too_many_packets`, `too_many_boxes`.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        tracks, packets = _promised(stream, size)
        for track in tracks:
            if not track.is_read_in_chunks:
                packets += track.of_one_size
        # A sample has at least one byte.
        _require_room(packets, size)
        for track in tracks:
            if track.is_read_in_chunks:
                samples, made = _in_chunks(stream, track, size)
                _require_room(samples, size * _SAMPLES_A_BYTE)
                packets += made
    if packets > MOST_PACKETS:
        raise Refusal.TOO_MANY_PACKETS.because(most=MOST_PACKETS)


def _promised(stream: BinaryIO, size: int) -> tuple[list[_Track], int]:
    """The tracks, and how many samples fragments promise without saying anything about each."""
    # FFmpeg refuses what comes before any track.
    tracks, in_runs = [_Track()], 0
    for box in nested_boxes(stream, size):
        if box.kind == "trak":
            tracks.append(_Track())
        elif box.kind == "cmov":
            # A few bytes could decompress to billions.
            raise Refusal.COMPRESSED_INDEX.because()
        elif box.kind == "trun":
            in_runs += _of_run(stream, box, size)
        elif box.kind in ("hdlr", "stsz", "stz2") or box.kind in _ENTRY_BYTES:
            _read(stream, box, size, tracks[-1])
    return tracks, in_runs


def _read(stream: BinaryIO, box: Box, size: int, track: _Track) -> None:
    first, second, third = _numbers(stream, box, 4, 3)
    if box.kind == "hdlr":
        # A QuickTime track has a second one, for its data.
        track.handler = track.handler or second.to_bytes(4)
    elif box.kind == "stsz":
        track.of_one_size = second if first else 0
        _require_room(0 if first else second * _SIZE_OF_EACH, size, second)
    elif box.kind == "stz2":
        _require_room(int(second * _LEAST_SIZE), size, second)
    else:
        _require_room(first * _ENTRY_BYTES[box.kind], size, first)
        if box.kind == "stts":
            track.durations = (first, third)
        elif box.kind == "stsc":
            track.samples_in_chunks = box
        elif box.kind in _CHUNKS:
            track.chunks = first


def _of_run(stream: BinaryIO, box: Box, size: int) -> int:
    flags, samples = _numbers(stream, box, 0, 2)
    fields = sum(bool(flags & field) for field in _RUN_FIELDS)
    _require_room(samples * fields * 4, size, samples)
    return 0 if fields else samples


def _in_chunks(stream: BinaryIO, track: _Track, size: int) -> tuple[int, int]:
    """How many samples a track's chunks have, and how many packets FFmpeg makes of them."""
    if track.samples_in_chunks is None:
        return 0, 0
    (entries,) = _numbers(stream, track.samples_in_chunks, 4, 1)
    stream.seek(track.samples_in_chunks.start + 8)
    table = stream.read(min(entries * _ENTRY_BYTES["stsc"], size))
    samples = packets = last = in_each = 0
    for first, following, _ in iter_unpack(">3I", table[: len(table) // 12 * 12]):
        chunks = max(0, min(first - 1, track.chunks) - last)
        samples, packets = samples + chunks * in_each, packets + chunks * -(-in_each // _PACKET_SAMPLES)
        last, in_each = max(last, first - 1), following
    chunks = max(0, track.chunks - last)
    return samples + chunks * in_each, packets + chunks * -(-in_each // _PACKET_SAMPLES)


def _numbers(stream: BinaryIO, box: Box, offset: int, count: int) -> tuple[int, ...]:
    """Numbers of 32 bits; zeros where the box or the file ends early."""
    stream.seek(box.start + offset)
    held = stream.read(max(0, min(4 * count, box.end - stream.tell())))
    return unpack(f">{count}I", held.ljust(4 * count, b"\0"))


def _require_room(needed: int, held: int, promised: int | None = None) -> None:
    if needed > held:
        raise Refusal.OVERSTATED_INDEX.because(promised=needed if promised is None else promised, held=held)
