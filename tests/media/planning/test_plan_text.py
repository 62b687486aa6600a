from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.plan_text import MAX_TEXT_TRACKS, text_renditions
from nightreel.media.source import TextStream

_tracks = st.lists(
    st.builds(
        TextStream,
        index=st.integers(1, 99),
        codec=st.sampled_from(["mov_text", "subrip"]),
        language=st.sampled_from(["und", "en", "pt-BR"]),
        title=st.sampled_from(["", "SDH", 'a"b,c=d\n']),
        default=st.booleans(),
        forced=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda track: track.index,
).map(tuple)


def _track(index: int, language: str = "und", title: str = "") -> TextStream:
    return TextStream(index=index, codec="mov_text", language=language, title=title)


@given(_tracks)
def test_every_track_has_a_name_and_a_label_of_its_own(found: tuple[TextStream, ...]) -> None:
    planned = text_renditions(found)
    assert [rendition.stream for rendition in planned] == [track.index for track in found[:MAX_TEXT_TRACKS]]
    assert len({rendition.name for rendition in planned}) == len(planned)
    assert len({rendition.label for rendition in planned}) == len(planned)
    assert not any(set(rendition.label) & set('",=\n') for rendition in planned)


@given(_tracks)
def test_a_track_is_the_default_only_if_it_alone_of_several_is_marked(found: tuple[TextStream, ...]) -> None:
    taken = found[:MAX_TEXT_TRACKS]
    alone = sum(track.default for track in taken) == 1 < len(taken)
    assert [rendition.default for rendition in text_renditions(found)] == [
        track.default and alone for track in taken
    ]


@given(_tracks)
def test_forced_tracks_stay_forced(found: tuple[TextStream, ...]) -> None:
    planned = text_renditions(found)
    assert [rendition.forced for rendition in planned] == [track.forced for track in found[:MAX_TEXT_TRACKS]]


def test_tracks_are_called_by_their_titles_else_by_their_languages() -> None:
    planned = text_renditions((_track(2, "en"), _track(3, "en"), _track(4, "en", "SDH"), _track(5)))
    assert [(rendition.name, rendition.label) for rendition in planned] == [
        ("subs_en", "English"),
        ("subs_en_2", "English 2"),
        ("subs_en_3", "SDH"),
        ("subs_und", "Subtitles"),
    ]
