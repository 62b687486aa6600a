"""Where a title's objects lie in the bucket: no two share a place, and no name leads elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.vocabulary.layout import (
    flat_prefix,
    longest_urls,
    release_prefix,
    releases_prefix,
    title_of_prefix,
    title_prefix,
    track_prefix,
    tracks_prefix,
)
from nightreel.vocabulary.release import valid_release_id
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id

RELEASE = "20261121T010000-0a1b2c3d"
TRACK = f"360p-{RELEASE}"

titles = st.builds(
    Title,
    st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True),
)
releases = st.from_regex(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}", fullmatch=True).filter(str.isascii)
renditions = st.sampled_from(["360p", "hevc_1080p", "audio_pt-BR", "audio_en_51", "subs_und_2", "stills"])


def test_a_title_its_releases_and_its_tracks_have_their_place_in_the_bucket() -> None:
    assert title_prefix(Title("movie", "123")) == "hls/movies/123/"
    assert releases_prefix(Title("movie", "123")) == "hls/movies/123/releases/"
    assert tracks_prefix(Title("movie", "123")) == "hls/movies/123/tracks/"
    assert release_prefix(Title("episode", "456"), RELEASE) == f"hls/episodes/456/releases/{RELEASE}/"
    assert track_prefix(Title("episode", "456"), TRACK) == f"hls/episodes/456/tracks/{TRACK}/"


def test_a_release_of_before_there_were_tracks_lies_beside_the_stable_manifests() -> None:
    assert flat_prefix(Title("episode", "456"), RELEASE) == f"hls/episodes/456/{RELEASE}/"


@pytest.mark.parametrize(
    "malformed",
    ["", "..", "20261121T010000", RELEASE + "/", RELEASE.upper(), RELEASE + "\n", "٢" + RELEASE[1:]],
)
def test_a_malformed_release_id_makes_no_key(malformed: str) -> None:
    assert not valid_release_id(malformed)
    for prefix in (release_prefix, flat_prefix):
        with pytest.raises(ValueError, match="malformed release id"):
            prefix(Title("movie", "1"), malformed)


@pytest.mark.parametrize("malformed", ["", "..", RELEASE, "360p", TRACK + "/", f"../{TRACK}", TRACK + "\n"])
def test_a_malformed_track_id_makes_no_key(malformed: str) -> None:
    with pytest.raises(ValueError, match="malformed track id"):
        track_prefix(Title("movie", "1"), malformed)


@given(titles, releases, renditions)
def test_a_key_has_no_empty_part_and_no_dots_but_the_one_of_its_ending(
    title: Title, release: str, rendition: str
) -> None:
    prefixes = (
        release_prefix(title, release),
        track_prefix(title, track_id(rendition, release)),
        flat_prefix(title, release),
    )
    for prefix, depth in zip(prefixes, (5, 5, 4), strict=True):
        assert prefix.isascii()
        assert "." not in prefix
        assert prefix.count("/") == depth
        assert "" not in prefix.rstrip("/").split("/")


@given(titles, titles)
def test_no_title_lives_inside_another(one: Title, other: Title) -> None:
    inside = title_prefix(one).startswith(title_prefix(other))
    assert inside == (one == other)


@given(titles, releases, releases, renditions)
def test_no_release_and_no_track_lives_inside_another(
    title: Title, one: str, other: str, rendition: str
) -> None:
    places = [
        place
        for release in {one, other}
        for place in (
            release_prefix(title, release),
            track_prefix(title, track_id(rendition, release)),
            flat_prefix(title, release),
        )
    ]
    assert [
        (outer, inner) for outer in places for inner in places if outer != inner and inner.startswith(outer)
    ] == []


@given(titles)
def test_a_titles_prefix_tells_whose_it_is(title: Title) -> None:
    assert title_of_prefix(title_prefix(title)) == title


@pytest.mark.parametrize(
    "prefix",
    ["", "hls/", "hls/movies/", "hls/movies/7", "hls/movie/7/", "backups/movies/7/", "hls/movies/7/tracks/"],
)
def test_any_other_prefix_is_no_titles(prefix: str) -> None:
    assert title_of_prefix(prefix) is None


@given(titles, releases)
def test_no_url_of_a_published_title_is_longer_than_those_that_its_columns_were_tried_with(
    title: Title, release: str
) -> None:
    poster = f"https://media.example/{track_prefix(title, track_id('stills', release))}poster.jpg"
    assert len(poster) == len(longest_urls("https://media.example", title)["thumbnail_url"])
