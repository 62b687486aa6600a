"""The readers of boxes, playlists and manifests, over all that they may meet."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightreel.checks.facts.boxes import BoxError, boxes
from nightreel.checks.facts.fragments import MOST_SAMPLES, Sample, read_fragments
from nightreel.checks.facts.init_segment import Track, read_track
from nightreel.checks.facts.mpd import read_mpd, seconds_of
from nightreel.checks.facts.playlists import read_master, read_media_playlist
from nightreel.checks.facts.segments import measure_segment
from tests.checks.material import Material

TRACK = Track(1, 1000, "vide", "avc1.64001e", 640, 360, 4, 40, 0, 0)
READERS = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
WORDS = st.integers(0, 2**32 - 1)
SAMPLES = st.builds(
    Sample,
    duration=st.integers(0, 2**20),
    size=st.integers(1, 50),
    flags=WORDS,
    composition=st.integers(-(2**31), 2**31 - 1),
)


def box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4, "big") + kind.encode() + body


def fragment(samples: list[Sample], decode_start: int) -> bytes:
    """One fragment that gives every field of every sample."""

    def movie(offset: int) -> bytes:
        fields = b"".join(
            sample.duration.to_bytes(4, "big")
            + sample.size.to_bytes(4, "big")
            + sample.flags.to_bytes(4, "big")
            + sample.composition.to_bytes(4, "big", signed=True)
            for sample in samples
        )
        header = (0x020000).to_bytes(4, "big") + (1).to_bytes(4, "big")
        time = b"\1\0\0\0" + decode_start.to_bytes(8, "big")
        run = b"\1\0\x0f\1" + len(samples).to_bytes(4, "big") + offset.to_bytes(4, "big") + fields
        return box("moof", box("traf", box("tfhd", header), box("tfdt", time), box("trun", run)))

    return movie(len(movie(0)) + 8) + box("mdat", bytes(sum(sample.size for sample in samples)))


@given(data=st.binary(max_size=200))
def test_boxes_cover_the_data_exactly_or_are_refused(data: bytes) -> None:
    try:
        found = list(boxes(data))
    except BoxError:
        return
    assert [item.start for item in found[1:]] == [item.end for item in found[:-1]]
    assert not data or (found[0].start, found[-1].end) == (0, len(data))


@given(data=st.binary(max_size=300))
def test_no_bytes_make_the_reader_of_init_segments_fail_otherwise(data: bytes) -> None:
    with pytest.raises(BoxError):
        read_track(box("moov", data))


@given(samples=st.lists(SAMPLES, min_size=1, max_size=20), decode_start=st.integers(0, 2**63))
def test_a_fragment_reads_as_it_was_written(samples: list[Sample], decode_start: int) -> None:
    data = fragment(samples, decode_start)

    (found,) = read_fragments(data, TRACK)

    assert found.samples == tuple(samples)
    assert found.decode_start == decode_start
    assert found.decode_end == decode_start + sum(sample.duration for sample in samples)
    assert found.presentation_times[0] == decode_start + samples[0].composition
    assert found.first_sample_end == len(data) - sum(sample.size for sample in samples[1:])


@given(samples=st.lists(SAMPLES, min_size=1, max_size=5), data=st.data())
def test_a_fragment_that_is_cut_anywhere_is_refused(samples: list[Sample], data: st.DataObject) -> None:
    whole = fragment(samples, 0)
    end = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(BoxError):
        read_fragments(whole[:end], TRACK)


@READERS
def runs_of(count: int, *, runs: int, size: int) -> bytes:
    """A segment whose runs promise so many samples each, all of a size that is said once."""
    header = box("tfhd", (0x10).to_bytes(4), (1).to_bytes(4), size.to_bytes(4))
    decode = box("tfdt", bytes(4), bytes(4))
    promised = box("trun", bytes(4), count.to_bytes(4)) * runs
    return box("moof", box("traf", header, decode, promised)) + box(
        "mdat", bytes(min(count * runs * size, 999))
    )


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(("count", "runs"), [(2**32 - 1, 1), (1000, 50_000), (MOST_SAMPLES, 2)])
def test_a_segment_that_promises_very_many_samples_is_refused_before_they_are_made(
    count: int, runs: int, size: int
) -> None:
    with pytest.raises(BoxError, match="more than"):
        read_fragments(runs_of(count, runs=runs, size=size), TRACK)


def test_many_fragments_promise_no_more_than_one() -> None:
    with pytest.raises(BoxError, match="more than"):
        read_fragments(runs_of(900, runs=1, size=1) * (MOST_SAMPLES // 900 + 1), TRACK)


@given(position=st.integers(0, 799), value=st.integers(0, 255))
def test_an_init_segment_with_any_byte_changed_is_read_or_refused(
    position: int, value: int, undamaged: Material
) -> None:
    data = bytearray((undamaged.directory / "audio_en_init.mp4").read_bytes())
    data[position % len(data)] = value
    try:
        track = read_track(bytes(data))
    except BoxError:
        return
    assert track.timescale > 0


@READERS
@given(data=st.binary(max_size=300))
def test_no_segment_makes_the_measurement_fail(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "segment.m4s"
    path.write_bytes(data)

    assert measure_segment(path, data, TRACK).box_fault


@READERS
@given(
    text=st.text(max_size=200)
    | st.text(alphabet='#EXTINF:X-MAP=,"\n0@', max_size=200).map("#EXTM3U\n".__add__)
)
def test_no_text_makes_the_readers_of_playlists_fail(text: str, tmp_path: Path) -> None:
    path = tmp_path / "playlist.m3u8"
    path.write_text(text, "utf-8")

    assert read_media_playlist(path).fault or text.startswith("#EXTM3U")
    assert read_master(path).fault or text.startswith("#EXTM3U")
    assert read_mpd(path).fault


@READERS
@given(
    durations=st.lists(st.integers(1, 9000), min_size=1, max_size=20),
    lengths=st.lists(st.integers(1, 10**6), min_size=20, max_size=20),
)
def test_an_i_frame_playlist_reads_as_it_was_written(
    durations: list[int], lengths: list[int], tmp_path: Path
) -> None:
    lines = ["#EXTM3U", "#EXT-X-I-FRAMES-ONLY", '#EXT-X-MAP:URI="init.mp4"']
    expected, position = [], 0
    for duration, length in zip(durations, lengths, strict=False):
        # Only the first range gives its offset: the others follow it.
        offset = "" if position else "@0"
        lines += [f"#EXTINF:{duration / 1000:.3f},", f"#EXT-X-BYTERANGE:{length}{offset}", "a.m4s"]
        expected.append((duration / 1000, (position, position + length)))
        position += length
    path = tmp_path / "iframe.m3u8"
    path.write_text("\n".join(lines))

    playlist = read_media_playlist(path)

    assert [(entry.seconds, entry.byte_range) for entry in playlist.entries] == expected
    assert playlist.map_uris == ("init.mp4",)


@given(hours=st.integers(0, 99), minutes=st.integers(0, 59), millis=st.integers(0, 59_999))
def test_durations_of_an_mpd_are_exact(hours: int, minutes: int, millis: int) -> None:
    text = f"PT{hours}H{minutes}M{millis / 1000}S"

    assert seconds_of(text) == hours * 3600 + minutes * 60 + Fraction(millis, 1000)


@pytest.mark.parametrize("text", [None, "", "P", "PT", "14", "P1Y", "PT1,5S"])
def test_what_is_no_duration_is_none(text: str | None) -> None:
    assert seconds_of(text) is None
