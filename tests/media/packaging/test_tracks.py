"""Manifests are composed from what was measured of each track, for any choice of a title's tracks."""

from collections.abc import Iterator

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nightreel.media.packaging import cmaf
from nightreel.media.packaging.mpd import mpd
from nightreel.media.packaging.multivariant import multivariant_playlist
from nightreel.media.packaging.package import package_tracks
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import Timeline, Track, Tracks
from nightreel.media.programs.binaries import Binaries
from nightreel.places import PROJECT_ROOT
from nightreel.vocabulary import release
from tests.media.encoded import TIMEOUT_SECONDS
from tests.media.packaged import DASH, PROTECTION, encoded_renditions
from tests.media.packaging.test_package_sets import PLAN

SCHEMAS = PROJECT_ROOT.parent / "shared" / "schemas"


@pytest.fixture(scope="module", params=["clear", "encrypted"])
def tracks(
    request: pytest.FixtureRequest, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Tracks:
    """Six pictures, four sounds and two texts; the segments are gone."""
    folder = tmp_path_factory.mktemp("tracks")
    protection = PROTECTION if request.param == "encrypted" else None
    encoded = encoded_renditions(PLAN, folder, binaries.ffmpeg)
    packaging = Packaging(PLAN, folder / "release", binaries, TIMEOUT_SECONDS, protection)
    made, _ = package_tracks(packaging, encoded)
    for path in (folder / "release").iterdir():
        path.unlink()
    return made


def _names(chosen: tuple[Track, ...]) -> list[str]:
    return [track.rendition.name for track in chosen]


def _some(all_of_them: tuple[Track, ...], at_least: int = 0) -> st.SearchStrategy[tuple[Track, ...]]:
    if not all_of_them:
        return st.just(())
    return st.sets(st.sampled_from(range(len(all_of_them))), min_size=at_least).map(
        lambda places: tuple(all_of_them[place] for place in sorted(places))
    )


@st.composite
def choices(draw: st.DrawFn, of: Tracks) -> Tracks:
    """Some of a title's tracks. There is no 5.1 without the stereo of the same sound."""
    stereo = tuple(sound for sound in of.sounds if sound.rendition.channels == 2)
    heard = draw(_some(stereo))
    surround = tuple(
        sound
        for sound in of.sounds
        if sound not in stereo and any(sound.rendition.stream == other.rendition.stream for other in heard)
    )
    return Tracks(
        pictures=draw(_some(of.pictures, at_least=1)),
        sounds=(*heard, *draw(_some(surround))),
        texts=draw(_some(of.texts)),
    )


@given(data=st.data())
def test_the_multivariant_playlist_of_a_choice_names_its_tracks_and_no_others(
    data: st.DataObject, tracks: Tracks
) -> None:
    chosen = data.draw(choices(tracks))
    playlist = m3u8.loads(multivariant_playlist(chosen, cmaf.VERSION))
    pictures = [release.playlist_name(name) for name in _names(chosen.pictures)]
    groups = 1 + any(sound.rendition.channels == 6 for sound in chosen.sounds)
    assert [variant.uri for variant in playlist.playlists] == pictures * groups
    assert [item.uri for item in playlist.iframe_playlists] == [
        release.iframe_playlist_name(name) for name in _names(chosen.pictures)
    ]
    others = [release.playlist_name(name) for name in _names((*chosen.sounds, *chosen.texts))]
    assert {item.uri for item in playlist.media} == set(others)
    assert len(playlist.session_keys) == bool(chosen.pictures[0].signalling.hls)


@given(data=st.data())
def test_a_variant_needs_what_its_picture_and_its_most_demanding_sound_need(
    data: st.DataObject, tracks: Tracks
) -> None:
    chosen = data.draw(choices(tracks))
    playlist = m3u8.loads(multivariant_playlist(chosen, cmaf.VERSION))
    own = {release.playlist_name(track.rendition.name): track.rate for track in chosen.pictures}
    heard = {release.playlist_name(track.rendition.name): track.rate for track in chosen.sounds}
    for variant in playlist.playlists:
        offered = [heard[item.uri] for item in variant.media if item.type == "AUDIO"]
        most = max((rate.average for rate in offered), default=0)
        assert variant.stream_info.average_bandwidth == own[variant.uri].average + most


@given(data=st.data())
def test_the_mpd_of_a_choice_names_its_tracks_and_no_others(data: st.DataObject, tracks: Tracks) -> None:
    chosen = data.draw(choices(tracks))
    parsed = etree.fromstring(mpd(chosen).encode())
    timed = [release.init_name(name) for name in _names((*chosen.pictures, *chosen.sounds))]
    assert sorted(_initialisations(parsed)) == sorted(timed)
    assert [item.text for item in parsed.iterfind(".//mpd:BaseURL", DASH)] == [
        release.subtitles_name(name) for name in _names(chosen.texts)
    ]
    if SCHEMAS.is_dir():
        etree.XMLSchema(etree.parse(SCHEMAS / "DASH-MPD.xsd")).assertValid(parsed)


def _initialisations(parsed: etree._Element) -> Iterator[str]:
    for template in parsed.iterfind(".//mpd:SegmentTemplate", DASH):
        yield template.get("initialization")


def test_what_was_measured_can_be_kept_as_json(tracks: Tracks) -> None:
    assert Tracks.model_validate_json(tracks.model_dump_json()) == tracks


@given(st.lists(st.integers(min_value=1, max_value=3), max_size=20))
def test_runs_of_segments_of_one_length_are_all_segments_in_their_order(ticks: list[int]) -> None:
    timeline = Timeline(timescale=25, segments=tuple(ticks))
    assert [length for length, times in timeline.runs for _ in range(times)] == ticks
    assert timeline.duration == sum(timeline.seconds)
