"""What is measured of a release agrees with how it was made."""

from fractions import Fraction
from pathlib import Path

import pytest

from nightreel.checks.facts.mpd import read_mpd
from nightreel.checks.facts.release import ReleaseFacts, measure_release
from nightreel.places import PROJECT_ROOT
from nightreel.vocabulary.release import MPD
from tests.checks.material import Material

SCHEMAS = PROJECT_ROOT.parent / "shared" / "schemas"


@pytest.fixture(scope="module")
def facts(undamaged: Material) -> ReleaseFacts:
    return measure_release(undamaged.directory, undamaged.plan)


def test_every_frame_of_every_picture_is_counted(facts: ReleaseFacts, undamaged: Material) -> None:
    for video in undamaged.plan.video:
        rendition = facts.rendition(video.name)
        assert rendition.samples == sum(segment.decoded.packets for segment in rendition.segments) == 420


def test_segments_are_timed_exactly(facts: ReleaseFacts) -> None:
    timings = [segment.timing for segment in facts.rendition("360p").segments]

    assert [timing and (timing.shown_start, timing.shown_end) for timing in timings] == [
        (Fraction(0), Fraction(6)),
        (Fraction(6), Fraction(12)),
        (Fraction(12), Fraction(14)),
    ]


def test_keyframes_are_found_where_the_grid_has_them(facts: ReleaseFacts) -> None:
    timings = [segment.timing for segment in facts.rendition("240p").segments]

    assert [timing and timing.keyframes for timing in timings] == [(0, 60, 120), (0, 60, 120), (0,)]


def test_the_sound_is_measured_in_aac_frames(facts: ReleaseFacts) -> None:
    sound = facts.rendition("audio_en")

    assert sound.start == 0
    assert sound.end == Fraction(657 * 1024, 48_000)
    assert sound.track is not None
    assert sound.track.codec == "mp4a.40.2"


def test_the_picture_is_described_by_what_was_decoded(facts: ReleaseFacts) -> None:
    rendition = facts.rendition("360p")

    assert rendition.picture is not None
    assert (rendition.picture.width, rendition.picture.height) == (640, 360)
    assert rendition.picture.pixel_format == "yuv420p"
    assert rendition.track is not None
    assert rendition.track.codec.startswith("avc1.64")


def test_rates_are_those_of_the_files(facts: ReleaseFacts, undamaged: Material) -> None:
    sizes = [path.stat().st_size for path in sorted(undamaged.directory.glob("stream_360p_*.m4s"))]
    rendition = facts.rendition("360p")

    assert rendition.average_bps == pytest.approx(sum(sizes) * 8 / 14)
    # The last segment, of 2 s, is too short to be a peak: the mean is 4.67 s.
    assert rendition.peak_bps == pytest.approx(max(sizes[0], sizes[1]) * 8 / 6)


def test_every_file_of_a_release_is_named_by_something(facts: ReleaseFacts, undamaged: Material) -> None:
    assert {file.name for file in facts.files} == {path.name for path in undamaged.directory.iterdir()}
    assert all(file.named_by for file in facts.files)


def test_an_empty_directory_is_a_fact_and_not_an_exception(undamaged: Material, tmp_path: Path) -> None:
    facts = measure_release(tmp_path, undamaged.plan)

    assert not any(segment.exists for rendition in facts.renditions for segment in rendition.segments)
    assert facts.master.fault == facts.mpd.fault == "the file is missing"


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the DASH schema is not beside the project")
def test_the_mpd_is_valid_against_the_schema_of_dash(undamaged: Material) -> None:
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(SCHEMAS / "DASH-MPD.xsd"))

    schema.assertValid(etree.parse(undamaged.directory / MPD))


def test_a_misspelt_alignment_is_no_promise(copied: Material) -> None:
    path = copied.directory / MPD
    path.write_text(path.read_text().replace('segmentAlignment="true"', 'segmentAlignment="false"'))

    assert len(read_mpd(path).unaligned_sets) == 2
