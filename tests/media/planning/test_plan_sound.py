import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nightreel.media.packaging.alternatives import audio_media
from nightreel.media.planning import plan_sound
from nightreel.media.planning.plan_sound import MAX_AUDIO_TRACKS, audio_renditions
from nightreel.media.renditions import AudioRendition
from nightreel.media.source import AudioStream
from nightreel.text import one_line
from nightreel.vocabulary.release import init_name
from tests.media.sources import sound, tracks

_RATE = 192_000


def _planned(*streams: AudioStream) -> tuple[AudioRendition, ...]:
    return audio_renditions(streams, _RATE)


def _named(*streams: AudioStream) -> list[str]:
    return [rendition.name for rendition in _planned(*streams)]


def _monos(*layouts: str, language: str = "en") -> tuple[AudioStream, ...]:
    return tuple(
        sound(index, language, channels=1).model_copy(update={"layout": layout})
        for index, layout in enumerate(layouts, start=1)
    )


@given(tracks(at_most=20), st.integers(32_000, 512_000))
@pytest.mark.rule("2.3", "2.26")
def test_every_sound_has_one_stereo_rendition_and_at_most_one_in_surround(
    found: tuple[AudioStream, ...], rate: int
) -> None:
    planned = audio_renditions(found, rate)
    stereo = [rendition for rendition in planned if rendition.channels == 2]
    surround = [rendition for rendition in planned if rendition.channels == 6]
    heard = [index for rendition in stereo for index in (rendition.stream, *rendition.joined)]
    assert len(set(heard)) == len(heard)
    assert len(stereo) <= MAX_AUDIO_TRACKS
    if len(found) <= MAX_AUDIO_TRACKS:
        assert sorted(heard) == [track.index for track in found]
    assert {rendition.stream for rendition in surround} <= {rendition.stream for rendition in stereo}
    assert planned == (*stereo, *surround)


@given(tracks(at_most=20), st.integers(32_000, 512_000))
def test_rates_are_such_as_players_expect(found: tuple[AudioStream, ...], rate: int) -> None:
    for rendition in audio_renditions(found, rate):
        assert 32_000 <= rendition.audio_bps <= 512_000
        assert rendition.channels == 6 or rendition.audio_bps <= rate


@given(tracks(at_most=20))
def test_names_are_unique_and_fit_into_a_file_name(found: tuple[AudioStream, ...]) -> None:
    names = _named(*found)
    assert len(set(names)) == len(names)
    assert all(init_name(name).isascii() for name in names)


@given(tracks(at_most=20))
def test_exactly_one_sound_is_the_default_in_stereo(found: tuple[AudioStream, ...]) -> None:
    stereo = [rendition for rendition in _planned(*found) if rendition.channels == 2]
    assert sum(rendition.default for rendition in stereo) == min(1, len(stereo))


@given(tracks(at_most=20))
@pytest.mark.rule("RFC 4.3.4.1.1")
def test_labels_of_one_group_differ_and_fit_into_a_playlist(found: tuple[AudioStream, ...]) -> None:
    # RFC 8216, 4.3.4.1.1: all members of a group have different NAMEs.
    for channels in (2, 6):
        labels = [rendition.label for rendition in _planned(*found) if rendition.channels == channels]
        assert len(set(labels)) == len(labels)
        for label in labels:
            assert label == one_line(label, 70) != ""
            assert not set(label) & set('",=')
            # As the MPD has it: a character that XML does not know would be refused.
            etree.Element("Label").text = label


_SYNTAX = st.lists(st.sampled_from(["#", "#EXT-X-MEDIA:", "EXT", "a", '"', "=", ",", "\\", "\n"]))


@given(st.lists(st.text() | _SYNTAX.map("".join), min_size=1, max_size=4))
def test_a_playlist_gives_back_every_label_and_has_no_line_more(titles: list[str]) -> None:
    # What a file calls its tracks is written by whoever made it.
    named = enumerate(titles, start=1)
    found = tuple(sound(index, "en").model_copy(update={"title": title}) for index, title in named)
    written = list(audio_media(_planned(*found)))
    text = "\n".join(["#EXTM3U", *(media.dumps() for media in written)])
    assert len(text.splitlines()) == 1 + len(written)
    assert [media.name for media in m3u8.loads(text).media] == [media.name for media in written]


@given(tracks(at_most=20))
def test_a_surround_sound_is_like_its_stereo_twin_in_all_that_a_playlist_says(
    found: tuple[AudioStream, ...],
) -> None:
    # RFC 8216, 4.3.4.1.1: alike in all but URI and CHANNELS.
    planned = {rendition.name: rendition for rendition in _planned(*found)}
    for rendition in planned.values():
        if rendition.channels == 6:
            twin = planned[rendition.name.removesuffix("_51")]
            assert (rendition.label, rendition.language, rendition.default) == (
                twin.label,
                twin.language,
                twin.default,
            )


def test_a_surround_sound_comes_in_stereo_and_in_surround() -> None:
    assert [(item.name, item.channels, item.audio_bps) for item in _planned(sound(1, "en", channels=6))] == [
        ("audio_en", 2, 192_000),
        ("audio_en_51", 6, 480_000),
    ]


def test_surround_has_at_most_512_kilobits() -> None:
    _, surround = audio_renditions((sound(1, channels=6),), 256_000)
    assert surround.audio_bps == 512_000


@pytest.mark.parametrize(
    ("channels", "layout", "surround"),
    [
        (1, "mono", False),
        (2, "stereo", False),
        (4, "quad", False),
        (5, "5.0(side)", True),
        (6, "5.1(side)", True),
        (6, "hexagonal", False),
        (8, "7.1", True),
        (8, "", False),
        (7, "", False),
        (6, "6 channels (FL+FR+FC+BC+SL+SR)", False),
        (16, "ambisonic 3", False),
    ],
)
def test_only_what_is_known_to_be_surround_comes_as_such(channels: int, layout: str, surround: bool) -> None:
    stream = sound(1, channels=channels).model_copy(update={"layout": layout})
    assert (len(_planned(stream)) == 2) == surround


def test_channels_in_no_known_arrangement_are_a_warning() -> None:
    (said,) = plan_sound.warnings((sound(1, channels=7),))
    assert "7 channels" in said


def test_channels_in_a_known_arrangement_are_none() -> None:
    known = [(1, ""), (2, ""), (1, "1 channels (FL)"), (2, "binaural"), (6, "5.1(side)"), (4, "ambisonic 1")]
    for channels, layout in known:
        stream = sound(1, channels=channels).model_copy(update={"layout": layout})
        assert plan_sound.warnings((stream,)) == ()


def test_no_more_sounds_are_taken_than_a_title_can_have() -> None:
    assert len(_planned(*(sound(index) for index in range(1, 19)))) == 16


def test_the_track_that_the_source_marks_is_the_default() -> None:
    planned = _planned(sound(1, "en"), sound(2, "fr", default=True))
    assert [(item.name, item.default) for item in planned] == [("audio_en", False), ("audio_fr", True)]


def test_the_second_track_of_a_language_is_numbered() -> None:
    assert _named(sound(1, "en"), sound(2, "en"), sound(3, "fr")) == ["audio_en", "audio_en_2", "audio_fr"]


def test_a_track_without_a_title_is_called_by_its_language() -> None:
    streams = (sound(1, "en"), sound(2, "fr"), sound(3, "fr"), sound(4, "fr", title="Director"), sound(5))
    labels = [rendition.label for rendition in _planned(*streams)]
    assert labels == ["English", "Français", "Français 2", "Director", "Audio"]


def test_a_mono_track_has_half_the_rate() -> None:
    stereo, mono = _planned(sound(1, "en"), sound(2, "fr", channels=1))
    assert (stereo.audio_bps, mono.audio_bps) == (192_000, 96_000)


def test_two_mono_tracks_are_a_pair() -> None:
    (pair,) = _planned(*_monos("mono", "mono"))
    assert (pair.name, pair.stream, pair.joined, pair.source_layout) == ("audio_en", 1, (2,), "stereo")
    assert pair.audio_bps == _RATE


def test_six_mono_tracks_are_a_surround_sound() -> None:
    stereo, surround = _planned(*_monos(*[""] * 6))
    assert (stereo.name, surround.name) == ("audio_en", "audio_en_51")
    assert (surround.stream, surround.joined, surround.source_layout) == (1, (2, 3, 4, 5, 6), "5.1")


def test_eight_mono_tracks_are_a_surround_sound_and_a_pair() -> None:
    planned = _planned(*_monos(*["mono"] * 8))
    assert [(item.name, item.stream, item.joined) for item in planned] == [
        ("audio_en", 1, (2, 3, 4, 5, 6)),
        ("audio_en_2", 7, (8,)),
        ("audio_en_51", 1, (2, 3, 4, 5, 6)),
    ]


@pytest.mark.parametrize("number", [1, 3, 4, 5, 7, 9])
def test_other_numbers_of_mono_tracks_stay_tracks_of_their_own(number: int) -> None:
    planned = _planned(*_monos(*["mono"] * number))
    assert len(planned) == number
    assert not any(rendition.joined for rendition in planned)


def test_mono_tracks_with_titles_stay_tracks_of_their_own() -> None:
    titled = (sound(1, "en", channels=1, title="Film"), sound(2, "en", channels=1, title="Comment"))
    assert _named(*titled) == ["audio_en", "audio_en_2"]


def test_mono_tracks_of_two_languages_stay_tracks_of_their_own() -> None:
    assert _named(*_monos("mono"), *_monos("mono", language="fr")) == ["audio_en", "audio_fr"]


def test_what_was_assumed_of_mono_tracks_is_a_warning() -> None:
    (said,) = plan_sound.warnings(_monos("mono", "mono"))
    assert "tracks 1, 2" in said
    assert "left and right" in said


def test_the_names_that_tracks_give_their_channels_are_their_order() -> None:
    named = _monos(
        "1 channels (LFE)",
        "1 channels (FR)",
        "mono",
        "1 channels (FL)",
        *(f"1 channels ({side})" for side in ("SR", "SL")),
    )
    _, surround = _planned(*named)
    assert (surround.stream, *surround.joined) == (4, 2, 3, 1, 6, 5)
    assert plan_sound.warnings(named) == ()


def test_mono_tracks_whose_names_make_no_whole_stay_tracks_of_their_own() -> None:
    assert len(_planned(*_monos("1 channels (FL)", "1 channels (LFE)"))) == 2
