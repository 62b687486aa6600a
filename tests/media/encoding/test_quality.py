"""VMAF tells good encodes from poor ones, and compares the frames that belong together."""

from pathlib import Path

import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.comparison import measurable
from nightreel.media.encoding.quality import Quality, measure_quality
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.renditions import VideoRendition
from tests.media.clips import Clip, Sound, remuxed
from tests.media.encoded import encode_all

RATES = {"poor": 30_000, "good": 1_500_000}
CLIPS = {
    "plain": Clip(seconds=3),
    "24000/1001": Clip(picture="testsrc2=size=192x108:rate=24000/1001", seconds=3),
    "interlaced": Clip(
        picture="testsrc2=size=192x108:rate=50",
        seconds=3,
        filters="tinterlace=interleave_top,fieldorder=tff",
        after=("-flags", "+ilme+ildct"),
    ),
    "late": Clip(seconds=3, after=("-output_ts_offset", "0.5")),
    "uneven": Clip(seconds=3, filters="select='not(eq(mod(n,7),3))'", after=("-fps_mode", "vfr")),
}


@pytest.fixture(scope="module")
def binaries() -> Binaries:
    return find_binaries()


def measured(clip: Clip, rate: int, folder: Path, binaries: Binaries) -> Quality:
    return measured_of(clip.write(folder / "source.mp4", binaries.ffmpeg), rate, folder, binaries)


def measured_of(source: Path, rate: int, folder: Path, binaries: Binaries) -> Quality:
    ladder = Ladder(rungs=(Rung(height=108, video_bps=rate, audio_bps=64_000, preset="veryfast"),))
    encoded = encode_all(source, folder, binaries, ladder=ladder)
    (rendition,) = encoded.plan.video
    return measure_quality(encoded.plan, [rendition], source, encoded.files, ffmpeg_binary=binaries.ffmpeg)[
        rendition.name
    ]


@pytest.mark.parametrize("name", CLIPS)
def test_a_good_encode_is_near_its_source_at_every_place(
    name: str, tmp_path: Path, binaries: Binaries
) -> None:
    # One frame beside the right one, a moving picture like this scores below 60.
    assert measured(CLIPS[name], RATES["good"], tmp_path, binaries).vmaf_low > 85


def test_a_picture_that_begins_after_the_sound_of_a_broadcast_is_compared_with_itself(
    tmp_path: Path, binaries: Binaries
) -> None:
    clip = str(
        Clip(seconds=3, sounds=(Sound(),), after=("-g", "5")).write(tmp_path / "clip.mp4", binaries.ffmpeg)
    )
    late = ("-itsoffset", "0.32", "-i", clip)
    swapped = ("-map", "-0:a", "-map", "-1:v", "-map", "1:a")
    source = remuxed(Path(clip), tmp_path / "source.ts", binaries.ffmpeg, before=late, after=swapped)
    assert measured_of(source, RATES["good"], tmp_path, binaries).vmaf_low > 85


def test_places_that_cannot_be_sought_are_left_out(tmp_path: Path, binaries: Binaries) -> None:
    clip = Clip(seconds=3, after=("-g", "300")).write(tmp_path / "clip.mp4", binaries.ffmpeg)
    # A transport stream has no index: behind its only keyframe, FFmpeg finds nothing.
    source = remuxed(clip, tmp_path / "source.ts", binaries.ffmpeg)
    assert measured_of(source, RATES["good"], tmp_path, binaries).vmaf_low > 85


def test_a_poor_encode_scores_lower(tmp_path: Path, binaries: Binaries) -> None:
    assert measured(CLIPS["plain"], RATES["poor"], tmp_path, binaries).vmaf_mean < 75


def test_a_title_of_a_few_frames_is_measured_whole(tmp_path: Path, binaries: Binaries) -> None:
    assert measured(Clip(seconds=0.32), RATES["good"], tmp_path, binaries).frames == 8


def test_a_picture_that_cannot_be_read_is_an_error(tmp_path: Path, binaries: Binaries) -> None:
    source = CLIPS["plain"].write(tmp_path / "source.mp4", binaries.ffmpeg)
    encoded = encode_all(source, tmp_path, binaries)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    with pytest.raises(EncoderFailed):
        measure_quality(
            encoded.plan,
            encoded.plan.video,
            source,
            encoded.files | {encoded.plan.video[-1].name: broken},
            ffmpeg_binary=binaries.ffmpeg,
        )


@pytest.mark.parametrize(
    ("height", "dynamic_range", "expected"), [(720, "sdr", True), (720, "pq", False), (54, "sdr", False)]
)
def test_hdr_and_tiny_pictures_have_no_score(height: int, dynamic_range: str, expected: bool) -> None:
    rendition = VideoRendition(
        name="a", width=height * 2, height=height, video_bps=1, maxrate_bps=1, preset="fast",
        dynamic_range=dynamic_range,
    )  # fmt: skip
    assert measurable(rendition) is expected
