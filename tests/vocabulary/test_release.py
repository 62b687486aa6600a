import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.vocabulary import release
from nightreel.vocabulary.release_manifest import ReleaseFile

pictures = st.integers(2, 4320).map(lambda height: f"{height}p")
sounds = st.builds(
    lambda language, suffix: f"audio_{language}{suffix}",
    st.from_regex(r"[a-z]{2,3}", fullmatch=True),
    st.sampled_from(["", "_2", "_16"]),
)


def test_names_are_those_that_the_catalogs_clients_know() -> None:
    assert release.playlist_name("360p") == "stream_360p.m3u8"
    assert release.init_name("360p") == "stream_360p_init.mp4"
    assert release.segment_name("360p", 0) == "stream_360p_000.m4s"
    assert release.iframe_playlist_name("360p") == "iframe_360p.m3u8"
    assert release.playlist_name("audio_en") == "audio_en.m3u8"
    assert release.segment_name("audio_en", 1234) == "audio_en_1234.m4s"
    assert release.thumbnail_name(7) == "thumb_007.jpg"


@given(pictures | sounds, st.integers(0, 99_999))
def test_every_name_is_a_plain_file_with_a_known_content_type(rendition: str, number: int) -> None:
    names = [
        release.playlist_name(rendition),
        release.init_name(rendition),
        release.segment_name(rendition, number),
        release.thumbnail_name(number),
    ]
    if not rendition.startswith("audio_"):
        names.append(release.iframe_playlist_name(rendition))
    assert len(set(names)) == len(names)
    for name in names:
        ReleaseFile(name=name, size=1, sha256="", md5="")
        assert "/" in release.content_type_of(name)


@given(pictures | sounds, st.integers(0, 99_999), st.integers(0, 99_999))
def test_segments_are_ordered_as_their_numbers_while_these_have_as_many_digits(
    rendition: str, one: int, other: int
) -> None:
    first, second = release.segment_name(rendition, one), release.segment_name(rendition, other)
    assert (first == second) == (one == other)
    if len(first) == len(second):
        assert (first < second) == (one < other)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
        ("stream_360p_000.m4s", "video/iso.segment"),
        ("stream_360p_init.mp4", "video/mp4"),
        ("audio_en_init.mp4", "audio/mp4"),
        ("thumbnails.vtt", "text/vtt"),
        ("poster.jpg", "image/jpeg"),
        ("release.json", "application/json"),
    ],
)
def test_content_types_are_those_that_players_expect(name: str, content_type: str) -> None:
    assert release.content_type_of(name) == content_type


@pytest.mark.parametrize("name", ["source.mp4", "notes.txt", "stream_360p_000"])
def test_a_file_that_no_release_contains_has_no_content_type(name: str) -> None:
    with pytest.raises(KeyError):
        release.content_type_of(name)
