"""How many samples the index of an MP4 promises, held against what its file can hold.

FFmpeg allocates memory for every sample that is promised. A table of sizes costs the file four bytes for
each; but samples of one size (ISO/IEC 14496-12, 8.7.3), runs of a fragment without fields of their
own (8.8.8), and samples of a chunk (8.7.4) cost it nothing: a kilobyte can promise billions.
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
"""Of an entry of a compact table of sizes (`stz2`): four bits."""
_RUN_FIELDS = (0x100, 0x200, 0x400, 0x800)
"""Flags of a run (`trun`): what it says of each of its samples, in four bytes each."""
_SOUND = b"soun"
_SAMPLES_A_BYTE = 64
"""More than any compressed sound has: QuickTime counts its samples, not its packets."""
_PACKET_SAMPLES = 1024
"""So many samples of sound FFmpeg makes one packet of."""


@dataclass
class _Track:
    """What the tables of one track promise, as far as they were read."""

    handler: bytes = b""
    of_one_size: int = 0
    durations: tuple[int, int] = (0, 0)
    """How many entries say how long samples last, and what the first one says."""
    chunks: int = 0
    samples_in_chunks: Box | None = None

    @property
    def is_read_in_chunks(self) -> bool:
        """As FFmpeg reads sound whose samples each last one tick of its clock."""
        return self.handler == _SOUND and self.durations == (1, 1)


def require_plausible_tables(path: Path) -> None:
    """Reads the heads of the tables, and of sound that is read in chunks the table of those.

    Raises SourceRejected: `overstated_index`, `compressed_index`, `too_many_packets`, `too_many_boxes`.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        tracks, packets = _promised(stream, size)
        for track in tracks:
            if not track.is_read_in_chunks:
                packets += track.of_one_size
        # A sample has a byte at least.
        _require_room(packets, size)
        for track in tracks:
            if track.is_read_in_chunks:
                samples, made = _in_chunks(stream, track, size)
                _require_room(samples, size * _SAMPLES_A_BYTE)
                packets += made
    if packets > MOST_PACKETS:
        raise Refusal.TOO_MANY_PACKETS.because(most=MOST_PACKETS)


def _promised(stream: BinaryIO, size: int) -> tuple[list[_Track], int]:
    """The tracks, and how many samples fragments promise that say nothing of each."""
    # What comes before any track is FFmpeg's to refuse.
    tracks, in_runs = [_Track()], 0
    for box in nested_boxes(stream, size):
        if box.kind == "trak":
            tracks.append(_Track())
        elif box.kind == "cmov":
            # Of a few bytes, billions could become.
            raise Refusal.COMPRESSED_INDEX.because()
        elif box.kind == "trun":
            in_runs += _of_run(stream, box, size)
        elif box.kind in ("hdlr", "stsz", "stz2") or box.kind in _ENTRY_BYTES:
            _read(stream, box, size, tracks[-1])
    return tracks, in_runs


def _read(stream: BinaryIO, box: Box, size: int, track: _Track) -> None:
    first, second, third = _numbers(stream, box, 4, 3)
    if box.kind == "hdlr":
        # A track of QuickTime has a second one, for its data.
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
    """How many samples the chunks of a track hold, and how many packets are made of them."""
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
    """Of 32 bits each; zeros where the box or the file ends before."""
    stream.seek(box.start + offset)
    held = stream.read(max(0, min(4 * count, box.end - stream.tell())))
    return unpack(f">{count}I", held.ljust(4 * count, b"\0"))


def _require_room(needed: int, held: int, promised: int | None = None) -> None:
    if needed > held:
        raise Refusal.OVERSTATED_INDEX.because(promised=needed if promised is None else promised, held=held)
