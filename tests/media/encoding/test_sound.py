from pathlib import Path

import av
import numpy as np
import pytest

from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.tracks import amplitudes, click, encode_tracks, planned, tones, write

_TONES = (300, 500, 700, 60, 900, 1100)
_PCM_IN_MOV = ("-c:a", "pcm_s16le")
_MINUS_3_DB = 0.0707
_AAC = 0.015
"""How far AAC may be off an amplitude of 0.1, at these rates."""
_RAW = PlanOptions(loudness_lufs=None)


def _encoded(source: Path, binaries: Binaries) -> dict[str, measure.Sound]:
    files = encode_tracks(planned(source, binaries, _RAW), source, source.parent, binaries)
    return {name: measure.sound(path) for name, path in files.items()}


@pytest.mark.parametrize("layout", ["5.1", "5.1(side)"])
def test_surround_keeps_every_channel_in_its_place(binaries: Binaries, tmp_path: Path, layout: str) -> None:
    source = write(
        tmp_path / "a.mov", binaries.ffmpeg, 1.0, tones(*_TONES, layout=layout), options=_PCM_IN_MOV
    )
    surround = _encoded(source, binaries)["audio_und_51"]
    assert amplitudes(surround, *_TONES) == pytest.approx(np.eye(6) * 0.1, abs=_AAC)
    with av.open(str(tmp_path / "audio_und_51.mp4")) as container:
        assert container.streams.audio[0].layout.name == "5.1"
        assert container.streams.audio[0].codec_context.profile == "LC"


def test_surround_is_mixed_to_stereo_as_bs_775_has_it(binaries: Binaries, tmp_path: Path) -> None:
    source = write(
        tmp_path / "a.mov", binaries.ffmpeg, 1.0, tones(*_TONES, layout="5.1"), options=_PCM_IN_MOV
    )
    stereo = _encoded(source, binaries)["audio_und"]
    # Rec. ITU-R BS.775-4, annex 4: centre and surround 3 dB less; the LFE is left out.
    assert amplitudes(stereo, *_TONES) == pytest.approx(
        np.array(
            [
                [0.1, 0, _MINUS_3_DB, 0, _MINUS_3_DB, 0],
                [0, 0.1, _MINUS_3_DB, 0, 0, _MINUS_3_DB],
            ]
        ),
        abs=_AAC,
    )


def test_surround_at_full_scale_does_not_clip_in_stereo(binaries: Binaries, tmp_path: Path) -> None:
    loud = "aevalsrc=" + "|".join(["0.9*sin(880*PI*t)"] * 6) + ":channel_layout=5.1:sample_rate=48000"
    source = write(tmp_path / "a.mov", binaries.ffmpeg, 1.0, loud, options=_PCM_IN_MOV)
    stereo = _encoded(source, binaries)["audio_und"].samples
    assert 0.5 < float(np.abs(stereo).max()) < 1.0


def test_two_mono_tracks_are_left_and_right(binaries: Binaries, tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 1.0, tones(300), tones(500))
    (pair,) = _encoded(source, binaries).values()
    assert amplitudes(pair, 300, 500) == pytest.approx(np.eye(2) * 0.1, abs=_AAC)


def test_six_mono_tracks_are_heard_each_from_its_place(binaries: Binaries, tmp_path: Path) -> None:
    source = write(
        tmp_path / "a.mov", binaries.ffmpeg, 1.0, *(tones(each) for each in _TONES), options=_PCM_IN_MOV
    )
    heard = _encoded(source, binaries)
    assert set(heard) == {"audio_und", "audio_und_51"}
    assert amplitudes(heard["audio_und_51"], *_TONES) == pytest.approx(np.eye(6) * 0.1, abs=_AAC)


def test_mono_tracks_that_name_their_places_are_heard_from_there(binaries: Binaries, tmp_path: Path) -> None:
    right_first = (tones(500, layout="FR"), tones(300, layout="FL"))
    source = write(tmp_path / "a.mov", binaries.ffmpeg, 1.0, *right_first, options=_PCM_IN_MOV)
    (pair,) = _encoded(source, binaries).values()
    assert amplitudes(pair, 300, 500) == pytest.approx(np.eye(2) * 0.1, abs=_AAC)


def test_a_mono_track_of_a_pair_that_ends_early_leaves_the_other_one_be(
    binaries: Binaries, tmp_path: Path
) -> None:
    short = tones(300) + ":duration=0.5"
    source = write(tmp_path / "a.mp4", binaries.ffmpeg, 2.0, short, tones(500))
    (pair,) = _encoded(source, binaries).values()
    left, right = pair.samples[:, pair.sample_rate :]
    assert float(np.abs(left).max()) < 0.001
    assert float(np.abs(right).max()) > 0.09


@pytest.mark.parametrize("channels", [3, 7, 16])
def test_of_channels_in_no_known_arrangement_none_is_lost(
    binaries: Binaries, tmp_path: Path, channels: int
) -> None:
    frequencies = tuple(200 + 100 * channel for channel in range(channels))
    source = write(
        tmp_path / "a.mkv", binaries.ffmpeg, 1.0, tones(*frequencies), options=("-c:a", "pcm_s16le")
    )
    (stereo,) = _encoded(source, binaries).values()
    left, right = amplitudes(stereo, *frequencies)
    # The first two on their sides, all others on both.
    assert min(left[0], right[1]) > 0.07
    assert max(left[1], right[0]) < _AAC
    assert float(min(*left[2:], *right[2:])) > 0.03


def test_an_ambisonic_sound_is_heard_from_its_sides(binaries: Binaries, tmp_path: Path) -> None:
    # On the left of the listener: as strong in Y as in W.
    left = "aevalsrc=0.1*sin(600*PI*t)|0.1*sin(600*PI*t)|0|0:channel_layout=ambisonic 1:sample_rate=48000"
    source = write(
        tmp_path / "a.mkv",
        binaries.ffmpeg,
        1.0,
        left,
        options=("-c:a", "libopus", "-b:a", "256k", "-mapping_family", "2"),
    )
    (stereo,) = _encoded(source, binaries).values()
    assert amplitudes(stereo, 300)[:, 0] == pytest.approx([0.1, 0], abs=_AAC)


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("libmp3lame", "mp4"),
        ("ac3", "mp4"),
        ("eac3", "mp4"),
        ("dca", "mkv"),
        ("pcm_s24be", "mov"),
        ("flac", "mkv"),
    ],
)
def test_a_sound_of_any_codec_keeps_its_moment(
    binaries: Binaries, tmp_path: Path, codec: str, container: str
) -> None:
    source = write(
        tmp_path / f"a.{container}", binaries.ffmpeg, 1.0, click(0.5), options=("-c:a", codec, "-ac", "2")
    )
    (stereo,) = _encoded(source, binaries).values()
    assert stereo.onset() == pytest.approx(0.5, abs=0.020)


@pytest.mark.parametrize("target", [None, -23.0])
@pytest.mark.parametrize("order", [("2", "6"), ("6", "2")], ids=["to surround", "to stereo"])
def test_a_sound_that_changes_its_channels_midway_is_heard_to_its_end(
    binaries: Binaries, tmp_path: Path, order: tuple[str, str], target: float | None
) -> None:
    parts = b""
    for channels in order:
        made = write(
            tmp_path / "part.mkv", binaries.ffmpeg, 1.0, tones(500), options=("-ac", channels, "-c:a", "ac3")
        )
        with av.open(str(made)) as container:
            parts += b"".join(bytes(packet) for packet in container.demux(audio=0))
    (tmp_path / "a.ac3").write_bytes(parts)
    source = write(
        tmp_path / "a.mkv", binaries.ffmpeg, 2.0, str(tmp_path / "a.ac3"), options=("-c:a", "copy")
    )
    plan = planned(source, binaries, PlanOptions(loudness_lufs=target))
    files = encode_tracks(plan, source, tmp_path, binaries)
    for path in files.values():
        heard = measure.sound(path)
        assert float(heard.seconds) == pytest.approx(2.0, abs=0.022)
        assert heard.loudness(0.1, 0.9) > 0.01
        assert heard.loudness(1.1, 1.9) > 0.01


@pytest.mark.parametrize("sample_rate", [8_000, 96_000, 192_000])
def test_a_sound_of_any_sample_rate_keeps_its_moment(
    binaries: Binaries, tmp_path: Path, sample_rate: int
) -> None:
    source = write(tmp_path / "a.mov", binaries.ffmpeg, 1.0, click(0.5, sample_rate), options=_PCM_IN_MOV)
    (stereo,) = _encoded(source, binaries).values()
    assert stereo.sample_rate == 48_000
    assert stereo.onset() == pytest.approx(0.5, abs=0.005)
