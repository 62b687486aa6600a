from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.frame_rates import STANDARD_RATES
from nightreel.media.inspection.inspect import inspect
from nightreel.media.inspection.scanning import has_recovery_point, rate_of
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from tests.media.clips import Clip, remuxed
from tests.media.conftest import MakeClip
from tests.media.h264 import B_PYRAMID, film, looked_into


def _inspected(path: Path, binaries: Binaries, *, for_copying: bool) -> SourceProbe:
    return inspect(path, binaries, decode_check="full", damage_tolerance=0.0, for_copying=for_copying)


def test_a_source_is_looked_into_only_if_that_is_asked_for(make_clip: MakeClip, binaries: Binaries) -> None:
    path = make_clip(film())
    assert _inspected(path, binaries, for_copying=False).coded is None
    coded = _inspected(path, binaries, for_copying=True).coded
    assert coded is not None
    assert (coded.frames, coded.rate, coded.edits) == (100, 25, 1)


def test_keyframes_are_those_that_a_decoder_finds(make_clip: MakeClip, binaries: Binaries) -> None:
    path = make_clip(film())
    with av.open(str(path)) as container:
        decoded = [n for n, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    coded = looked_into(path, binaries).coded
    assert coded is not None
    assert list(coded.keyframes) == decoded


@pytest.mark.parametrize(
    ("options", "frames"),
    [(("-bf", "0"), 0), (("-bf", "1"), 1), (B_PYRAMID, 2)],
    ids=["none", "B", "pyramid"],
)
def test_reordering_is_how_much_earlier_frames_are_decoded(
    make_clip: MakeClip, binaries: Binaries, options: tuple[str, ...], frames: int
) -> None:
    coded = looked_into(make_clip(film(after=("-preset", "medium", *options))), binaries).coded
    assert coded is not None
    assert coded.reordering == frames


def test_the_peak_is_that_of_the_six_seconds_with_most_bytes(make_clip: MakeClip, binaries: Binaries) -> None:
    # Noise after five seconds of black.
    noise = "color=black:size=96x54:rate=25,noise=alls=100:allf=t:enable='gte(t,5)'"
    path = make_clip(Clip(picture=noise, seconds=12))
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    most = max(sum(sizes[first : first + 150]) for first in range(len(sizes) - 149))
    coded = looked_into(path, binaries).coded
    assert coded is not None
    assert coded.peak_bps == pytest.approx(most * 8 / 6, abs=1)


@pytest.mark.parametrize("suffix", ["ts", "avi"])
def test_only_files_with_a_record_of_parameter_sets_are_looked_into(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    path = remuxed(make_clip(Clip()), tmp_path / f"film.{suffix}", binaries.ffmpeg)
    assert looked_into(path, binaries).coded is None


@given(
    st.sampled_from(STANDARD_RATES),
    st.integers(100, 3000),
    st.sampled_from([Fraction(1, 1000), Fraction(1, 90_000), Fraction(1, 12_800)]),
    st.integers(0, 10_000),
)
def test_a_rate_is_recognised_although_times_are_rounded_to_the_tick(
    rate: Fraction, frames: int, tick: Fraction, first: int
) -> None:
    times = [first + round(n / rate / tick) for n in range(frames)]
    found = rate_of(times, tick, list(STANDARD_RATES))
    assert found is not None
    assert abs(found - rate) <= rate * Fraction(1, 900)
    assert all(abs(n / found / tick - (time - first)) <= 1 for n, time in enumerate(times))


@given(st.integers(10, 300), st.integers(1, 1_000), st.integers(2, 3000) | st.integers(-3000, -2))
def test_one_frame_at_a_wrong_time_leaves_no_rate(frames: int, where: int, ticks: int) -> None:
    times = [n * 3600 for n in range(frames)]
    times[1 + where % (frames - 2)] += ticks
    assert rate_of(times, Fraction(1, 90_000), list(STANDARD_RATES)) is None


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        (b"\x06\x01\x84\x80", True),
        (b"\x05\x02ab\x06\x01\x84\x80", True),
        (b"\xff\x01\x02ab\x06\x01\x84\x80", True),
        (b"\x05\xff\x01" + b"\x06" * 256 + b"\x80", False),
        (b"\x05\x03\0\0\3\3\x06\x01\x84\x80", True),
        (b"\x05\xff\xff", False),
        (b"", False),
    ],
    ids=["alone", "second", "after a type above 255", "its number in data", "escaped", "cut off", "empty"],
)
def test_a_recovery_point_is_found_among_other_messages(messages: bytes, *, found: bool) -> None:
    assert has_recovery_point(messages) is found
