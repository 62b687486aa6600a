"""The first frames after a cut: what a decoder makes of them."""

import pytest

from nightreel.checks.facts.decoding import decode
from tests.checks.material import ffmpeg

FRAMES = 12


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A picture with four slices in each frame, as cameras and broadcasters write it."""
    path = tmp_path_factory.mktemp("slices") / "slices.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=192x128:r=25", "-t", "1", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-x264-params", "slices=4", "-movflags", "frag_keyframe+empty_moov", str(path)),
    )
    return path.read_bytes()


def test_frames_of_several_slices_are_whole(segment: bytes) -> None:
    assert decode(segment, None, FRAMES).decode_fault == ""


@pytest.mark.parametrize("damage", [b"\xff" * 60, b"\0" * 60])
@pytest.mark.parametrize("offset", [40, 400, 900])
def test_a_damaged_slice_is_a_fault(segment: bytes, offset: int, damage: bytes) -> None:
    at = segment.index(b"mdat") + 700 + offset
    damaged = segment[:at] + damage + segment[at + len(damage) :]
    assert "cannot be decoded" in decode(damaged, None, FRAMES).decode_fault
