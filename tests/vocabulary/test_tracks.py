"""Whose a file is can be read from its name, and a track's id is never anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.vocabulary import release
from nightreel.vocabulary.tracks import STILLS, maker_of, rendition_of, track_id, valid_track_id

RELEASE = "20261121T010000-0a1b2c3d"

languages = st.from_regex(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?(-[a-z0-9]{5,8}){0,2}", fullmatch=True
).filter(str.isascii)
counts = st.sampled_from(["", "_2", "_32"])
pictures = st.builds(
    lambda codec, height: f"{codec}{height}p",
    st.sampled_from(["", "hevc_", "av1_", "hdr_"]),
    st.integers(2, 4320),
)
sounds = st.builds(
    lambda language, count, surround: f"audio_{language}{count}{surround}",
    languages,
    counts,
    st.sampled_from(["", "_51"]),
)
texts = st.builds(lambda language, count: f"subs_{language}{count}", languages, counts)
releases = st.from_regex(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}", fullmatch=True).filter(str.isascii)
numbers = st.integers(0, 99_999)


@given(pictures | sounds | texts, numbers, st.sampled_from(["cmaf", "ts"]))
def test_every_file_of_a_rendition_is_its_own(rendition: str, number: int, container: str) -> None:
    names = [release.playlist_name(rendition), release.segment_name(rendition, number, container)]
    if rendition.startswith("subs_"):
        names.append(release.subtitles_name(rendition))
    else:
        names.append(release.init_name(rendition))
    assert {rendition_of(name) for name in names} == {rendition}


@given(pictures)
def test_a_list_of_keyframes_belongs_to_its_picture(picture: str) -> None:
    assert rendition_of(release.iframe_playlist_name(picture)) == picture


@given(sounds | texts)
def test_nothing_but_a_picture_has_a_list_of_keyframes(rendition: str) -> None:
    assert rendition_of(release.iframe_playlist_name(rendition)) is None


@given(numbers)
def test_pictures_that_stand_still_are_the_stills(number: int) -> None:
    names = (release.POSTER, release.SPRITES, release.thumbnail_name(number), release.sprite_name(number))
    assert {rendition_of(name) for name in names} == {STILLS}


@pytest.mark.parametrize(
    "name",
    [
        release.MASTER,
        release.MPD,
        release.MANIFEST,
        "track.json",
        "notes.txt",
        "",
        "stream_.m3u8",
        "stream_audio_en.m3u8",
        "stream_360p.m3u8\n",
        "../stream_360p.m3u8",
        "stream_../360p_000.m4s",
        "stream_360p_000",
        "stream_360p_00.m4s",
        "thumb_00.jpg",
        "other.jpg",
    ],
)
def test_what_is_no_renditions_file_has_no_rendition(name: str) -> None:
    assert rendition_of(name) is None


@given(st.text(max_size=40))
def test_a_name_that_is_read_is_one_that_is_made(name: str) -> None:
    rendition = rendition_of(name)
    assert (
        rendition is None
        or rendition == STILLS
        or name.startswith(("iframe_", release.stream_name(rendition)))
    )


@given(pictures | sounds | texts | st.just(STILLS), releases)
def test_a_tracks_id_tells_for_which_release_it_was_made(rendition: str, identity: str) -> None:
    track = track_id(rendition, identity)

    assert track == f"{rendition}-{identity}"
    assert valid_track_id(track)
    assert maker_of(track) == identity
    assert track.isascii()
    assert not set(track) & set("/.\\ ")


@pytest.mark.parametrize(
    "malformed",
    [
        "", "..", "360p", RELEASE, f"-{RELEASE}", f"../360p-{RELEASE}", f"360p/-{RELEASE}",
        f"360p-{RELEASE}/", f"360p-{RELEASE}\n", f"360p-{RELEASE.upper()}", f"٣60p-{RELEASE}",
        f"360p{RELEASE}", f"a b-{RELEASE}", f"poster-{RELEASE}",
    ],
)  # fmt: skip
def test_a_malformed_id_names_no_track(malformed: str) -> None:
    assert not valid_track_id(malformed)
    assert maker_of(malformed) is None


@pytest.mark.parametrize(
    ("rendition", "identity"), [("360p", ".."), ("..", RELEASE), ("", RELEASE), ("a/b", RELEASE)]
)
def test_a_malformed_part_makes_no_id(rendition: str, identity: str) -> None:
    with pytest.raises(ValueError, match="malformed"):
        track_id(rendition, identity)
