from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.held_picture import GOES_ON_SECONDS, cut_sounds, held_for_sound
from nightreel.media.inspection.timeline import Span

_seconds = st.floats(min_value=0, max_value=200_000)


@st.composite
def _sounds(draw: st.DrawFn) -> Mapping[int, Span]:
    """Sound tracks, whole ones and such as have gaps or a wrong time."""
    found = {}
    for index in range(1, draw(st.integers(1, 4))):
        start, lasts = draw(_seconds), draw(_seconds)
        filled = draw(st.sampled_from([0.0, 0.01, 0.9, 1.0]))
        found[index] = Span(packets=10, start=start, end=start + lasts, lasting=lasts * filled)
    return found


@given(_seconds, _sounds())
def test_no_sound_ends_after_the_title_without_a_sentence_about_it(
    picture_end: float, sounds: Mapping[int, Span]
) -> None:
    end = picture_end + held_for_sound(picture_end, sounds.values())
    said = " ".join(cut_sounds(end, 0.0, sounds))
    for index, sound in sounds.items():
        assert (f"Sound track {index} " in said) == (sound.end - end >= GOES_ON_SECONDS)


@given(_seconds, _sounds())
def test_a_title_is_never_longer_than_its_picture_and_its_whole_sounds(
    picture_end: float, sounds: Mapping[int, Span]
) -> None:
    end = picture_end + held_for_sound(picture_end, sounds.values())
    whole = [sound.end for sound in sounds.values() if sound.lasting > 0.5 * (sound.end - sound.start)]
    assert picture_end <= end <= max([picture_end, *whole]) + 1e-6


def test_a_single_wrong_time_holds_no_picture() -> None:
    astray = Span(packets=100, start=0.0, end=36_000.0, lasting=10.0)
    assert held_for_sound(10.0, [astray]) == 0.0
