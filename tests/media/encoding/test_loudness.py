import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.loudness import (
    CEILING_DBTP,
    HIGHEST_GAIN_DB,
    Adjustment,
    Loudness,
    adjustment_to,
    loudness_said,
)
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.tracks import click, encode_tracks, planned, tones, write

_TARGET = -23.0
# Without the treble that AAC leaves out at low rates.
_MURMUR = "anoisesrc=color=pink:seed=7:sample_rate=48000:amplitude={},lowpass=f=2000"


def _measured(path: Path, binaries: Binaries) -> Loudness:
    command = [binaries.ffmpeg, "-hide_banner", "-nostats", "-i", str(path)]
    command += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return loudness_said(done.stderr)


def _encoded(source: Path, binaries: Binaries, target: float | None = _TARGET) -> dict[str, Path]:
    plan = planned(source, binaries, PlanOptions(loudness_lufs=target))
    return encode_tracks(plan, source, source.parent, binaries)


@pytest.mark.parametrize("amplitude", ["0.02", "0.9"], ids=["quiet", "loud"])
@pytest.mark.rule("2.18")
def test_a_sound_is_as_loud_as_wanted(binaries: Binaries, tmp_path: Path, amplitude: str) -> None:
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 4.0, _MURMUR.format(amplitude))
    (path,) = _encoded(source, binaries).values()
    assert abs(_measured(source, binaries).integrated - _TARGET) > 3
    assert _measured(path, binaries).integrated == pytest.approx(_TARGET, abs=1.0)


def test_stereo_and_surround_are_both_as_loud_as_wanted(binaries: Binaries, tmp_path: Path) -> None:
    surround = tones(300, 500, 700, 60, 900, 1100, layout="5.1")
    source = write(tmp_path / "a.mov", binaries.ffmpeg, 2.0, surround, options=("-c:a", "pcm_s16le"))
    for path in _encoded(source, binaries).values():
        assert _measured(path, binaries).integrated == pytest.approx(_TARGET, abs=1.0)


def test_a_gain_never_drives_a_peak_above_one_decibel_below_full_scale(
    binaries: Binaries, tmp_path: Path
) -> None:
    # So quiet that the gain lifts its one loud moment far above full scale.
    quiet = "aevalsrc='(0.01+0.9*between(t,2,2.01))*sin(600*PI*t)':sample_rate=48000"
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 4.0, quiet)
    before = _measured(source, binaries)
    (path,) = _encoded(source, binaries, -14.0).values()
    assert before.true_peak - 14.0 - before.integrated > 0
    assert _measured(path, binaries).true_peak <= -1.0


def test_a_limited_sound_keeps_its_moment_and_its_length(binaries: Binaries, tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 2.0, click(1.0, loud=0.5))
    plan = planned(source, binaries, PlanOptions(loudness_lufs=-5.0))
    (path,) = encode_tracks(plan, source, tmp_path, binaries).values()
    heard = measure.sound(path)
    assert float(abs(heard.samples).max()) == pytest.approx(10 ** (CEILING_DBTP / 20), rel=0.1)
    assert heard.onset() == pytest.approx(1.0, abs=0.002)
    assert 0 <= float(heard.seconds) - plan.duration < 1024 / 48_000


def test_without_a_target_a_sound_stays_as_loud_as_it_is(binaries: Binaries, tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 2.0, tones(500, 500))
    (path,) = _encoded(source, binaries, None).values()
    assert _measured(path, binaries).integrated == pytest.approx(
        _measured(source, binaries).integrated, abs=0.5
    )


@pytest.mark.parametrize(
    ("described", "seconds"), [("anullsrc=channel_layout=stereo", 1.0), (tones(500, 500), 0.2)]
)
def test_what_has_no_loudness_gets_no_gain(
    binaries: Binaries, tmp_path: Path, described: str, seconds: float
) -> None:
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, seconds, described)
    (path,) = _encoded(source, binaries).values()
    before, after = measure.sound(source).samples, measure.sound(path).samples
    assert abs(after).max() == pytest.approx(abs(before).max(), abs=0.02)


@given(
    st.floats(min_value=-69.9, max_value=5),
    st.floats(min_value=-80, max_value=6),
    st.floats(min_value=-70, max_value=-5),
)
def test_the_gain_leads_to_the_target_and_peaks_above_the_ceiling_are_limited(
    integrated: float, peak: float, target: float
) -> None:
    made = adjustment_to(target, Loudness(integrated, peak))
    assert made.gain <= HIGHEST_GAIN_DB
    assert made.gain == HIGHEST_GAIN_DB or integrated + made.gain == pytest.approx(target, abs=0.06)
    assert made.limited == (peak + min(target - integrated, HIGHEST_GAIN_DB) > CEILING_DBTP)


def test_silence_stays_as_it_is() -> None:
    assert adjustment_to(-23.0, Loudness(-70.0, float("-inf"))) == Adjustment()


def test_a_log_without_a_verdict_is_an_error() -> None:
    with pytest.raises(EncoderFailed, match="no loudness"):
        loudness_said("Conversion failed!")
