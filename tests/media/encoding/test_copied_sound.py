from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from nightreel.media.encoding.copied_picture import copy_picture
from nightreel.media.encoding.copied_sound import copy_sound
from nightreel.media.encoding.transcode import encode
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from tests.media import measure
from tests.media.aac import heard, planned, sound_packets
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.h264 import B_PYRAMID

TIMEOUT_SECONDS = 60.0
SYNC_SECONDS = 0.020
_MOMENTS = (0.4, 3.6)
"""When there is a flash of one frame, and a beep."""
_FLASHES = "color=black:size=96x54:rate=25,drawbox=c=white:t=fill:enable='" + "+".join(
    f"between(t,{at - 0.01},{at + 0.01})" for at in _MOMENTS
)
_BEEPS = "+".join(f"between(t,{at},{at + 0.04})" for at in _MOMENTS)
_IN_SYNC = Clip(
    _FLASHES + "'", 4, (Sound(f"aevalsrc='0.8*sin(2*PI*1000*t)*({_BEEPS})':s=48000", 4),), after=B_PYRAMID
)


def _copied(source: Path, output: Path, binaries: Binaries) -> Plan:
    plan = planned(heard(source, binaries))
    (sound,) = plan.audio
    assert sound.copied, plan.not_copied
    copy_sound(source, output, plan, sound, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    return plan


@pytest.mark.parametrize("rate", [48_000, 44_100])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_copy_has_the_same_packets_from_the_first_frame_to_the_last_and_each_at_its_place(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, rate: int, suffix: str
) -> None:
    clip = make_clip(Clip(sounds=(Sound(),), after=("-ar", str(rate))))
    source = remuxed(clip, tmp_path / f"film.{suffix}", binaries.ffmpeg)
    _copied(source, tmp_path / "copy.mp4", binaries)
    frame = Fraction(1024, rate)
    # What is before the title is FFmpeg's own priming.
    own = [data for time, data in sound_packets(source, 1) if time > -frame / 2]
    copy = sound_packets(tmp_path / "copy.mp4")
    assert [data for _, data in copy] == own
    assert [time for time, _ in copy] == [n * frame for n in range(len(own))]
    assert 0 <= len(own) * frame - 2 < frame


def test_what_is_longer_than_the_title_is_left_out(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = make_clip(Clip(sounds=(Sound(seconds=2.3),)))
    plan = _copied(source, tmp_path / "copy.mp4", binaries)
    assert plan.duration == 2
    assert len(sound_packets(tmp_path / "copy.mp4")) == 94


@pytest.mark.parametrize(
    ("suffix", "before", "after"),
    [
        ("mp4", (), ()),
        ("mkv", (), ()),
        ("mp4", (), ("-use_editlist", "0")),
        # Half an AAC frame is 512 samples: frame 4 of the picture is 7.5 AAC frames from the start.
        ("mp4", ("-ss", "0.16"), ()),
        ("mp4", ("-ss", "0.08"), ()),
    ],
    ids=["edit list", "Matroska", "no edit list", "half an AAC frame away", "a quarter of one"],
)
def test_flash_and_beep_are_within_20_ms_of_each_other_at_both_ends(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path,
    suffix: str, before: tuple[str, ...], after: tuple[str, ...],
) -> None:  # fmt: skip
    source = remuxed(
        make_clip(_IN_SYNC), tmp_path / f"film.{suffix}", binaries.ffmpeg, before=before, after=after
    )
    described = heard(source, binaries)
    plan = _copied(source, tmp_path / "sound.mp4", binaries)
    picture = _picture(source, described, plan, tmp_path / "picture.mp4", binaries)
    flashes, beeps = _flashes(picture), _beeps(tmp_path / "sound.mp4")
    assert len(flashes) == len(beeps) == len(_MOMENTS)
    apart = [abs(beep - flash) for beep, flash in zip(beeps, flashes, strict=True)]
    assert max(apart) < SYNC_SECONDS, apart


def _picture(source: Path, described: SourceProbe, plan: Plan, output: Path, binaries: Binaries) -> Path:
    """The picture of the same title: copied if it may be, else encoded."""
    if plan.has_own_grid:
        assert described.coded is not None
        copy_picture(
            source,
            output,
            stream=plan.video_stream,
            codec="h264",
            frame_rate=plan.frame_rate,
            reordering=described.coded.reordering,
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        return output
    job = next(job for job in plan.jobs if job.kind == "video")
    encode(
        job,
        plan,
        source,
        {job.renditions[0]: output},
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return output


def _flashes(path: Path) -> list[float]:
    picture = measure.picture(path)
    lit = [bright > 100 for bright in picture.brightness]
    return [
        float(time)
        for time, now, earlier in zip(picture.times, lit, [False, *lit], strict=False)
        if now and not earlier
    ]


def _beeps(path: Path) -> list[float]:
    """When each beep is first loud."""
    with av.open(str(path)) as container:
        pieces = [frame.to_ndarray() for frame in container.decode(audio=0)]
    loud = np.flatnonzero(np.abs(np.concatenate(pieces, axis=1)).max(axis=0) > 0.2) / 48_000
    return [float(at) for at, before in zip(loud, [-1.0, *loud], strict=False) if at - before > 0.5]
