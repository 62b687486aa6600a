from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from nightreel.media.inspection.interlacing import with_fields_measured
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import encode_best

# A narrow strip of a television picture, in colours that need no conversion.
_COLOURS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited"
_MOTION = f"testsrc2=size=128x576:rate={{rate}},{_COLOURS}"
_TRUTH = Clip(picture=_MOTION.format(rate="50"), seconds=1)
_WHOLE = Clip(picture=_MOTION.format(rate="25"), seconds=1)
_OWN_SIZE = Ladder(rungs=(Rung(height=128, video_bps=4_000_000, audio_bps=64_000, preset="ultrafast"),))


def _saying_fields(clip: Clip, order: str = "tff") -> Clip:
    return replace(clip, after=("-flags", "+ilme+ildct", "-x264-params", f"{order}=1"))


def _fields(order: str, rate: str = "50") -> Clip:
    return Clip(picture=_MOTION.format(rate=rate), seconds=1, filters=f"interlace=scan={order},setfield=prog")


def _measured(path: Path, binaries: Binaries) -> SourceProbe:
    return with_fields_measured(probe(path, binaries.ffprobe), path, binaries.ffmpeg)


def _luma(path: Path) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[: frame.height].astype(float) for frame in container.decode(video=0)]
    return np.stack(frames)


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize("said", [True, False], ids=["said", "not said"])
@pytest.mark.rule("1.14", "1.15")
def test_every_field_becomes_a_frame_of_its_own_moment(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, order: str, said: bool
) -> None:
    output = tmp_path / "output.mp4"
    fields = _fields(order)
    source = make_clip(_saying_fields(fields, order) if said else fields)
    assert probe(source, binaries.ffprobe).video.interlaced == said
    plan = encode_best(source, output, binaries, _OWN_SIZE)
    assert (plan.frame_rate, plan.frames) == (50, 50)
    made, truth = _luma(output), _luma(make_clip(_TRUTH))
    # The first and the last frame have no neighbours to be completed from.
    distances = [np.abs(made[n] - truth[n]).mean() for n in range(2, 48)]
    behind = [np.abs(made[n] - truth[n - 1]).mean() for n in range(2, 48)]
    assert np.mean(distances) < 0.6 * np.mean(behind)
    assert np.mean(distances) < 8


def test_ntsc_fields_become_frames_at_their_exact_rate(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    plan = encode_best(make_clip(_fields("tff", "60000/1001")), tmp_path / "output.mp4", binaries, _OWN_SIZE)
    assert plan.frame_rate == Fraction(60000, 1001)
    assert plan.deinterlace


def test_whole_frames_that_are_called_fields_stay_whole(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = make_clip(_saying_fields(_WHOLE))
    assert probe(source, binaries.ffprobe).video.interlaced
    output = tmp_path / "output.mp4"
    plan = encode_best(source, output, binaries, _OWN_SIZE)
    assert (plan.frame_rate, plan.deinterlace) == (25, False)
    assert np.abs(_luma(output) - _luma(make_clip(_WHOLE))).mean() < 2
    with av.open(str(output)) as container:
        assert not next(container.decode(video=0)).interlaced_frame


def test_whole_frames_of_a_television_format_stay_whole(make_clip: MakeClip, binaries: Binaries) -> None:
    assert not _measured(make_clip(_WHOLE), binaries).video.interlaced


def test_what_does_not_move_is_what_the_file_says(make_clip: MakeClip, binaries: Binaries) -> None:
    still = Clip(picture="smptebars=size=128x576:rate=25", seconds=1)
    assert not _measured(make_clip(still), binaries).video.interlaced
    assert _measured(make_clip(_saying_fields(still)), binaries).video.interlaced


@pytest.mark.parametrize(
    "clip",
    [Clip(seconds=0.2), _TRUTH, Clip(picture="testsrc2=size=128x720:rate=25", seconds=0.2)],
    ids=["small", "50 frames a second", "720 lines"],
)
def test_nothing_is_decoded_where_no_format_has_fields(
    make_clip: MakeClip, binaries: Binaries, clip: Clip
) -> None:
    described = probe(make_clip(clip), binaries.ffprobe)
    before = len(process.finished)
    assert with_fields_measured(described, make_clip(clip), binaries.ffmpeg) is described
    assert len(process.finished) == before


def test_a_long_title_is_measured_in_three_places(make_clip: MakeClip, binaries: Binaries) -> None:
    # Still for ten seconds, then moving: only a look at the end finds the fields.
    late = Clip(
        picture=_MOTION.format(rate="50"),
        seconds=14,
        filters="loop=loop=500:size=1:start=0,trim=end_frame=700,setpts=N/50/TB,interlace=scan=tff,setfield=prog",
    )
    described = _measured(make_clip(late), binaries)
    assert described.duration == pytest.approx(14, abs=0.1)
    assert described.video.interlaced


def test_where_nothing_can_be_decoded_the_file_is_believed(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = make_clip(_saying_fields(_fields("tff")))
    described = probe(source, binaries.ffprobe)
    gone = tmp_path / "gone.mp4"
    assert with_fields_measured(described, gone, binaries.ffmpeg).video.interlaced
