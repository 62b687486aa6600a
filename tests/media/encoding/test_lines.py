"""Pictures whose lines and frames are not what their headers say."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.field_coding import write_field_coded
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import encode_best, small_plan

_COLOURS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited"
_MOTION = f"testsrc2=size=128x288:rate={{rate}},{_COLOURS}"
_FIELDS_OF_HEVC = Clip(
    picture=_MOTION.format(rate=50),
    seconds=0.6,
    filters="interlace=scan={order},separatefields",
    after=("-c:v", "libx265", "-x265-params", "interlace={order}:log-level=none"),
)


def _one_rung(height: int) -> Ladder:
    rung = Rung(height=height, video_bps=2_000_000, audio_bps=64_000, preset="ultrafast")
    return Ladder(rungs=(rung,))


def _fields_of_hevc(order: str, *shape: str) -> Clip:
    made = _FIELDS_OF_HEVC
    filters = ",".join([made.filters.format(order=order), *shape])
    return replace(made, filters=filters, after=tuple(part.format(order=order) for part in made.after))


def _luma(path: Path) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[: frame.height].astype(float) for frame in container.decode(video=0)]
    return np.stack(frames)


@pytest.mark.parametrize(
    ("pixel_format", "interlaced"),
    [("yuv411p", True), ("yuv411p", False), ("yuv410p", False)],
    ids=["4:1:1 in fields", "4:1:1", "4:1:0"],
)
def test_coarse_chroma_is_scaled_to_widths_that_do_not_divide_by_four(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, pixel_format: str, interlaced: bool
) -> None:
    source, output = tmp_path / "source.mkv", tmp_path / "output.mp4"
    picture = "color=0xb04020:size=126x240:rate=25"
    fields = ("-flags", "+ildct", "-field_order", "tt") if interlaced else ()
    clip = Clip(picture=picture, seconds=0.4, filters=f"setsar=32/27,format={pixel_format}")
    replace(clip, after=("-c:v", "ffv1", "-pix_fmt", pixel_format, *fields)).write(source, binaries.ffmpeg)
    plan = encode_best(source, output, binaries, _one_rung(110))
    assert plan.video[-1].width % 4 == 2
    seen = measure.picture(output).first.reshape(-1, 3).mean(axis=0)
    assert np.abs(seen - (0xB0, 0x40, 0x20)).max() < 8


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.rule("1.14", "1.15")
def test_fields_that_are_pictures_of_their_own_become_whole_frames(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, order: str
) -> None:
    output = tmp_path / "output.mp4"
    plan = encode_best(make_clip(_fields_of_hevc(order)), output, binaries, _one_rung(128))
    assert (plan.frame_rate, plan.frames) == (50, 30)
    assert (plan.video[-1].width, plan.video[-1].height) == (128, 288)
    made, truth = _luma(output), _luma(make_clip(Clip(picture=_MOTION.format(rate=50), seconds=0.6)))
    assert len(made) == 30
    early, right, late = (
        np.mean([np.abs(made[n] - truth[n + shift]).mean() for n in range(2, 28)]) for shift in (-1, 0, 1)
    )
    assert right < 0.95 * min(early, late)


@pytest.mark.parametrize("order", ["tff", "bff"])
def test_every_field_has_its_own_lines(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, order: str
) -> None:
    ramp = f"color=black:size=64x96:rate=50,format=gray,geq=lum=16+2*Y,format=yuv420p,{_COLOURS}"
    source, output = make_clip(replace(_fields_of_hevc(order), picture=ramp, seconds=0.4)), tmp_path / "o.mp4"
    encode_best(source, output, binaries, _one_rung(64))
    lines = _luma(output)[5].mean(axis=1)
    assert (np.diff(lines) > 0).mean() > 0.95


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.rule("1.14", "1.15")
def test_fields_that_a_decoder_joins_are_taken_apart_again(
    binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    """Each field of H.264 is a picture and a sample, and a little brighter than the one before."""
    source, output = tmp_path / f"source{suffix}", tmp_path / "output.mp4"
    write_field_coded(source, lambda number, line: 16 + line + 4 * number, binaries.ffmpeg)
    described = inspect(source, binaries, decode_check="whole", damage_tolerance=0.0)
    plan = build_plan(described, _one_rung(48), PlanOptions())
    assert (plan.frame_rate, plan.frames, plan.deinterlace) == (50, 20, True)
    assert (plan.video[-1].width, plan.video[-1].height) == (48, 96)
    outputs = {plan.video[-1].name: output}
    encode(plan.jobs[0], plan, source, outputs, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=60)
    made = _luma(output)
    assert len(made) == 20
    assert np.all(np.diff(made[1:19].mean(axis=(1, 2))) > 2)
    # No comb: from line to line it becomes brighter by one, and never darker.
    assert (np.diff(made[10].mean(axis=1)) >= 0).mean() > 0.95


@pytest.mark.parametrize(("said", "shape"), [("8/9", "8/9"), ("4/9", "8/9")], ids=["of frames", "of fields"])
def test_the_shape_of_pixels_is_that_of_frames_whatever_it_is_said_of(
    make_clip: MakeClip, binaries: Binaries, said: str, shape: str
) -> None:
    clip = _fields_of_hevc("tff", f"setsar={said}")
    planned = small_plan(make_clip(clip), binaries, ladder=_one_rung(114)).video[-1]
    assert (planned.width, planned.height) == (114, round(114 * 288 / (128 * Fraction(shape)) / 2) * 2)


def test_film_with_pulldown_flags_has_the_rate_of_film(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    """The times are those of a DVD: a frame of three fields, a frame of two."""
    steady = make_clip(Clip(picture=_MOTION.format(rate="30000/1001"), seconds=2, after=("-bf", "0")))
    cadence = "setts=ts=floor(N*2.5+0.5)*1001/60000/TB_OUT"
    source = remuxed(steady, tmp_path / "source.mkv", binaries.ffmpeg, after=("-bsf:v", cadence))
    output = tmp_path / "output.mp4"
    plan = encode_best(source, output, binaries, _one_rung(128))
    assert (plan.frame_rate, plan.deinterlace) == (Fraction(24000, 1001), False)
    made, shown = _luma(output), _luma(source)
    assert abs(len(made) - len(shown)) <= 1
    # Each frame of the film once, in its order.
    nearest = [int(np.argmin([np.abs(frame - other).mean() for other in shown])) for frame in made]
    assert nearest[: len(shown)] == list(range(len(shown)))[: len(made)]
