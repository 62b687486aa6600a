from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.transcode import encode, timeout_for
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.process import Progress
from tests.media import measure
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import AAC_FRAME, TIMEOUT_SECONDS, encode_all, job_for, small_plan

# Cuts at odd moments, where an encoder would like to put keyframes of its own.
_CUTS = "testsrc2=size=192x108:rate={rate},negate=enable='gt(mod(t,0.7),0.35)'"


@pytest.mark.parametrize(
    ("source_rate", "title_rate"),
    [
        ("24000/1001", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("30000/1001", Fraction(30000, 1001)),
        ("60000/1001", Fraction(60000, 1001)),
        ("120", Fraction(60)),
        ("15", Fraction(15)),
    ],
)
def test_every_rendition_has_exactly_the_frames_of_the_plan_on_one_grid(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, source_rate: str, title_rate: Fraction
) -> None:
    clip = make_clip(Clip(picture=_CUTS.format(rate=source_rate), seconds=3.1))
    encoded = encode_all(clip, tmp_path, binaries)
    plan = encoded.plan
    assert plan.frame_rate == title_rate
    assert abs(plan.frames - Fraction(31, 10) * title_rate) <= 1
    for path in encoded.pictures:
        made = measure.picture(path)
        assert made.times == tuple(position / title_rate for position in range(plan.frames))
        assert made.keyframes == tuple(range(0, plan.frames, plan.gop_frames))


def test_a_shorter_distance_of_keyframes_is_kept_as_exactly(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = make_clip(Clip(picture=_CUTS.format(rate="30000/1001"), seconds=3.1))
    encoded = encode_all(clip, tmp_path, binaries, PlanOptions(keyframe_seconds=0.5, segment_seconds=2.0))
    assert encoded.plan.gop_frames == 14
    for path in encoded.pictures:
        assert measure.picture(path).keyframes == tuple(range(0, encoded.plan.frames, 14))


def test_a_title_of_one_frame_is_one_frame(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    encoded = encode_all(make_clip(Clip(seconds=0.04)), tmp_path, binaries)
    assert [len(measure.picture(path).times) for path in encoded.pictures] == [1, 1]


def test_a_variable_rate_becomes_constant_and_keeps_the_duration(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    gaps = Clip(
        seconds=3,
        filters="select='not(between(n,20,40))*(lt(n,50)+not(mod(n,3)))'",
        after=("-fps_mode", "vfr"),
    )
    encoded = encode_all(make_clip(gaps), tmp_path, binaries)
    made = measure.picture(encoded.pictures[0])
    steps = {later - earlier for earlier, later in zip(made.times, made.times[1:], strict=False)}
    assert steps == {1 / encoded.plan.frame_rate}
    # The last frame that was selected is the 73rd.
    assert made.end == Fraction(73, 25)


def test_a_picture_that_starts_late_keeps_its_place_against_the_sound(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    late = Clip(
        picture="color=white:size=192x108:rate=25",
        seconds=1,
        before=("-itsoffset", "0.48"),
        sounds=(Sound(seconds=1.4),),
    )
    encoded = encode_all(make_clip(late), tmp_path, binaries)
    made = measure.picture(encoded.pictures[0])
    assert made.times[0] == 0
    assert len(made.times) == encoded.plan.frames == 37


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param(Sound(seconds=3), id="as long"),
        pytest.param(Sound(seconds=1), id="shorter"),
        pytest.param(Sound(seconds=3.4), id="longer"),
        pytest.param(Sound(seconds=3, channels=1), id="mono"),
        pytest.param(Sound(seconds=3, channels=6), id="5.1"),
        pytest.param(Sound("sine=frequency=440:sample_rate=22050", seconds=3), id="22050 Hz"),
    ],
)
@pytest.mark.rule("2.15", "8.3")
def test_sound_is_stereo_and_covers_the_picture_to_within_one_aac_frame(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, tracks: Sound
) -> None:
    encoded = encode_all(make_clip(Clip(seconds=3, sounds=(tracks,))), tmp_path, binaries)
    path = encoded.sounds[0]
    made = measure.sound(path)
    assert (made.samples.shape[0], made.sample_rate, made.start) == (2, 48_000, 0)
    assert 0 <= made.seconds - encoded.plan.frames / encoded.plan.frame_rate < AAC_FRAME
    assert measure.packets(path) == ceil(3 * 48_000 / 1024)
    # Heard while the source is, silent where it has ended.
    assert made.loudness(0.2, 0.8) > 0.02
    assert (made.loudness(1.2, 2.8) > 0.02) == (tracks.seconds >= 3)


def test_sound_that_starts_late_stays_silent_until_then(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = remuxed(
        make_clip(Clip(seconds=3)),
        tmp_path / "late.mp4",
        binaries.ffmpeg,
        before=("-itsoffset", "1", "-i", str(make_clip(Clip(picture="", sounds=(Sound(),))))),
        after=("-map", "1"),
    )
    encoded = encode_all(source, tmp_path, binaries)
    made = measure.sound(encoded.sounds[0])
    assert made.loudness(0.0, 0.9) < 0.001
    assert made.loudness(1.1, 2.9) > 0.02


def test_all_six_channels_are_heard_in_the_two(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    centre_only = "aevalsrc=0|0|0.5*sin(880*PI*t)|0|0|0:channel_layout=5.1:sample_rate=48000"
    encoded = encode_all(make_clip(Clip(sounds=(Sound(centre_only, channels=6),))), tmp_path, binaries)
    left, right = measure.sound(encoded.sounds[0]).samples
    assert float(np.abs(left).max()) > 0.1
    assert float(np.abs(left - right).max()) < 0.01


def test_a_source_without_sound_has_pictures_only(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    encoded = encode_all(make_clip(Clip()), tmp_path, binaries)
    assert encoded.sounds == []
    assert len(encoded.pictures) == 2


@pytest.mark.rule("1.1")
def test_the_picture_is_h264_with_nothing_of_the_sources_tags(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = Clip(after=("-metadata", "title=Secret", "-metadata:s:v", "handler_name=Camera 7"))
    encoded = encode_all(make_clip(clip), tmp_path, binaries)
    for path in encoded.pictures:
        assert b"Secret" not in path.read_bytes()
        assert b"Camera 7" not in path.read_bytes()
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.codec_tag) == ("h264", "avc1")
            assert stream.profile in ("High", "Main", "Constrained Baseline")


def test_a_part_of_the_title_is_the_same_frames_as_in_the_whole(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = make_clip(Clip(picture="testsrc2=size=192x108:rate=25", seconds=3))
    plan = small_plan(source, binaries)
    whole = job_for(plan, "108p")
    part = whole.model_copy(update={"start_frame": 50, "end_frame": 75})
    paths = {}
    for name, job in (("whole", whole), ("part", part)):
        paths[name] = tmp_path / f"{name}.mp4"
        encode(
            job,
            plan,
            source,
            {"108p": paths[name]},
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=TIMEOUT_SECONDS,
        )
    shown = measure.picture(paths["part"])
    assert shown.times == tuple(Fraction(position, 25) for position in range(25))
    expected = measure.picture(paths["whole"]).brightness[50:75]
    assert shown.brightness == pytest.approx(expected, abs=0.5)


def test_renditions_of_one_job_share_a_grid_and_show_what_each_would_by_itself(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = make_clip(Clip(picture=_CUTS.format(rate="25"), seconds=3.1))
    plan = small_plan(source, binaries)
    files = {name: tmp_path / f"{name}.mp4" for name in ("54p", "108p")}
    encode(plan.jobs[0], plan, source, files, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    alone = {"54p": tmp_path / "alone.mp4"}
    job = job_for(plan, "54p")
    encode(job, plan, source, alone, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    low, high = measure.picture(files["54p"]), measure.picture(files["108p"])
    assert (low.size, high.size) == ((96, 54), (192, 108))
    assert low.times == high.times
    assert low.keyframes == high.keyframes == (0, 50)
    assert low.brightness == pytest.approx(measure.picture(alone["54p"]).brightness, abs=1.5)


def test_progress_reaches_the_end(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    source = make_clip(Clip())
    plan = small_plan(source, binaries)
    seen: list[Progress] = []
    encode(
        job_for(plan, "108p"),
        plan,
        source,
        {"108p": tmp_path / "108p.mp4"},
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
        on_progress=seen.append,
    )
    assert seen[-1].percent(plan.duration) > 90


def test_a_failure_says_what_ffmpeg_said(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    source = make_clip(Clip())
    plan = small_plan(source, binaries)
    with pytest.raises(EncoderFailed, match="No such file or directory"):
        encode(
            job_for(plan, "108p"),
            plan,
            tmp_path / "gone.mp4",
            {"108p": tmp_path / "108p.mp4"},
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=TIMEOUT_SECONDS,
        )


def test_the_time_limit_grows_with_the_title(make_clip: MakeClip, binaries: Binaries) -> None:
    plan = small_plan(make_clip(Clip()), binaries)
    assert timeout_for(plan, 30.0) == 660.0
