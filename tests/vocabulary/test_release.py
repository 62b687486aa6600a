import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nightreel.vocabulary import release
from nightreel.vocabulary.release import ReleaseFile, ReleaseManifest
from nightreel.vocabulary.title import Title

_RELEASE = "20261121T010000-0a1b2c3d"

titles = st.builds(
    Title,
    st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True),
)
releases = st.from_regex(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}", fullmatch=True).filter(str.isascii)
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


def test_a_title_and_its_releases_have_their_place_in_the_bucket() -> None:
    assert release.title_prefix(Title("movie", "123")) == "hls/movies/123/"
    assert release.release_prefix(Title("episode", "456"), _RELEASE) == f"hls/episodes/456/{_RELEASE}/"


@pytest.mark.parametrize(
    "malformed",
    ["", "..", "20261121T010000", _RELEASE + "/", _RELEASE.upper(), _RELEASE + "\n", "٢" + _RELEASE[1:]],
)
def test_a_malformed_release_id_makes_no_key(malformed: str) -> None:
    assert not release.valid_release_id(malformed)
    with pytest.raises(ValueError, match="malformed release id"):
        release.release_prefix(Title("movie", "1"), malformed)


@given(titles, releases)
def test_a_key_has_no_empty_part_and_no_dots_but_the_one_of_its_ending(title: Title, identity: str) -> None:
    prefix = release.release_prefix(title, identity)
    assert prefix.isascii()
    assert "." not in prefix
    assert prefix.count("/") == 4
    assert "" not in prefix.rstrip("/").split("/")


@given(titles, titles)
def test_no_title_lives_inside_another(one: Title, other: Title) -> None:
    inside = release.title_prefix(one).startswith(release.title_prefix(other))
    assert inside == (one == other)


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


@pytest.mark.parametrize("name", ["../a.jpg", "a/b.jpg", ".jpg", "a", "a.jpg\n", "ä.jpg", "a b.jpg", ""])
def test_a_manifest_names_plain_files_only(name: str) -> None:
    with pytest.raises(ValidationError):
        ReleaseFile(name=name, size=1, sha256="", md5="")


def test_a_manifest_survives_being_written_and_read() -> None:
    files = tuple(ReleaseFile(name=f"{size}.jpg", size=size, sha256="0", md5="1") for size in (3, 4))
    manifest = ReleaseManifest(
        release=_RELEASE,
        content_type="movie",
        content_id="1",
        files=files,
        plan={},
        tools={"x": "1"},
        checks={},
    )
    assert ReleaseManifest.model_validate_json(manifest.model_dump_json()) == manifest
    assert manifest.total_bytes == 7
