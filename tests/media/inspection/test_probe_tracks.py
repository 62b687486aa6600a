from typing import Any

import pytest

from nightreel.media.inspection.probe_tracks import audio_streams, tell_of_ancillary, text_streams


def _track(kind: str, codec: str, **more: Any) -> dict[str, Any]:
    """A track as ffprobe describes it."""
    return {"index": 1, "codec_type": kind, "codec_name": codec, "tags": {}, **more}


def test_a_layout_that_ffprobe_does_not_know_is_none() -> None:
    described = _track("audio", "pcm_s16le", channels=3, channel_layout="unknown", sample_rate="48000")
    (stream,) = audio_streams([described], frozenset({1}), {})
    assert stream.layout == ""


def test_a_sound_track_that_holds_nothing_is_left_out_with_a_warning() -> None:
    left_out: dict[int, str] = {}
    described = _track("audio", "dts", channels=2, sample_rate="48000")
    assert audio_streams([described], frozenset(), left_out) == ()
    assert left_out == {1: "Sound track 1 is empty; it was left out."}


def test_a_sound_track_that_no_decoder_knows_is_left_out_with_a_warning() -> None:
    left_out: dict[int, str] = {}
    described = _track("audio", "apple_apac", channels=4, sample_rate="48000")
    assert audio_streams([described], frozenset({1}), left_out) == ()
    assert left_out == {
        1: "Sound track 1 is in a format that cannot be decoded (apple_apac); it was left out."
    }


@pytest.mark.parametrize("codec", ["mov_text", "subrip", "ass", "ssa", "webvtt", "text", "eia_608"])
def test_text_is_taken_with_all_that_is_said_of_it(codec: str) -> None:
    described = _track(
        "subtitle",
        codec,
        tags={"language": "fre", "title": "Sourds"},
        disposition={"default": 1, "forced": 1},
    )
    left_out: dict[int, str] = {}
    (stream,) = text_streams([described], frozenset({1}), left_out)
    assert (stream.language, stream.title, stream.default, stream.forced) == ("fr", "Sourds", True, True)
    assert left_out == {}


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("dvd_subtitle", "are pictures and not text"),
        ("hdmv_pgs_subtitle", "are pictures and not text"),
        ("dvb_subtitle", "are pictures and not text"),
        ("arib_caption", "are in a format that is not read (arib_caption)"),
        ("unknown", "are in a format that is not read (unknown)"),
        ("ttml", "are in a format that is not read (ttml)"),
    ],
)
def test_what_is_no_text_is_left_out_with_a_warning_that_names_track_and_language(
    codec: str, said: str
) -> None:
    left_out: dict[int, str] = {}
    described = _track("subtitle", codec, tags={"language": "ger"})
    assert text_streams([described], frozenset({1}), left_out) == ()
    warning = left_out[1]
    assert warning.startswith(f"The subtitles in track 1 (Deutsch) {said}")


def test_subtitles_that_hold_nothing_are_left_out_with_a_warning() -> None:
    left_out: dict[int, str] = {}
    assert text_streams([_track("subtitle", "subrip")], frozenset(), left_out) == ()
    assert left_out == {1: "The subtitles in track 1 (no language) are empty; they were left out."}


@pytest.mark.parametrize("codec", ["smpte_436m_anc", "smpte_2038"])
def test_data_in_which_captions_may_be_is_told(codec: str) -> None:
    left_out: dict[int, str] = {}
    tell_of_ancillary([_track("data", codec), {"index": 2, "codec_type": "data"}], left_out)
    assert left_out == {
        1: f"Track 1 holds ancillary data ({codec}), in which broadcasters keep closed captions; "
        "it was left out."
    }
