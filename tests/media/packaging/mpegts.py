"""What a piece of MPEG-TS holds."""

import io

import av

from tests.media.packaged import Packaged

CLOCK = 90_000


class Ticks:
    """The times of one stream in a piece of MPEG-TS, in ticks of 90 kHz, in the order of decoding."""

    def __init__(self, data: bytes, kind: str) -> None:
        with av.open(io.BytesIO(data), "r", format="mpegts") as container:
            self.kinds = [stream.type for stream in container.streams]
            packets = [packet for packet in container.demux() if packet.size and packet.stream.type == kind]
            self.shown = [packet.pts for packet in packets if packet.pts is not None]
            self.decoded = [packet.dts for packet in packets if packet.dts is not None]
            self.keyframes = [packet.pts for packet in packets if packet.is_keyframe]


def segments(made: Packaged, stem: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(made.directory.glob(f"{stem}_*.ts"))]
