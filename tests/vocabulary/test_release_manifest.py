"""`release.json` says where each file of a release is, and refuses what has no place."""

from urllib.parse import urljoin

import pytest
from pydantic import ValidationError

from nightreel.vocabulary.layout import flat_prefix, release_prefix, track_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD, POSTER
from nightreel.vocabulary.release_manifest import ReleaseFile, ReleaseManifest
from nightreel.vocabulary.title import Title

RELEASE = "20261121T010000-0a1b2c3d"
EARLIER = "20261120T010000-0a1b2c3d"
TITLE = Title("movie", "1")
TRACKS = {"360p": f"360p-{RELEASE}", "audio_en": f"audio_en-{EARLIER}", "stills": f"stills-{EARLIER}"}
PLACES = {
    "stream_360p_000.m4s": f"tracks/360p-{RELEASE}/",
    "iframe_360p.m3u8": f"tracks/360p-{RELEASE}/",
    "audio_en_init.mp4": f"tracks/audio_en-{EARLIER}/",
    POSTER: f"tracks/stills-{EARLIER}/",
    MASTER: f"releases/{RELEASE}/",
    MPD: f"releases/{RELEASE}/",
    MANIFEST: f"releases/{RELEASE}/",
}


def manifest(*names: str, **changed: object) -> ReleaseManifest:
    values: dict[str, object] = {
        "release": RELEASE,
        "content_type": "movie",
        "content_id": "1",
        "files": [{"name": name, "size": 1, "sha256": "", "md5": ""} for name in names],
        "tracks": TRACKS,
        "plan": {},
        "tools": {"x": "1"},
        "checks": {},
    }
    return ReleaseManifest.model_validate(values | changed)


@pytest.mark.parametrize("name", ["../a.jpg", "a/b.jpg", ".jpg", "a", "a.jpg\n", "ä.jpg", "a b.jpg", ""])
def test_a_manifest_names_plain_files_only(name: str) -> None:
    with pytest.raises(ValidationError):
        ReleaseFile(name=name, size=1, sha256="", md5="")


@pytest.mark.parametrize("tracks", [TRACKS, {}])
def test_a_manifest_survives_being_written_and_read(tracks: dict[str, str]) -> None:
    written = manifest(POSTER, MASTER, tracks=tracks)
    assert ReleaseManifest.model_validate_json(written.model_dump_json()) == written
    assert written.total_bytes == 2


def test_a_file_is_in_the_folder_of_its_track_whoever_made_it() -> None:
    made = manifest(*PLACES)
    assert {name: made.key_of(name) for name in PLACES} == {
        name: f"hls/movies/1/{place}{name}" for name, place in PLACES.items()
    }
    assert made.prefix == release_prefix(TITLE, RELEASE)
    assert made.key_of(POSTER) == track_prefix(TITLE, TRACKS["stills"]) + POSTER


def test_a_reference_leads_from_the_releases_manifests_to_the_file() -> None:
    made = manifest(*PLACES)
    assert made.reference_to("stream_360p_000.m4s") == f"../../tracks/360p-{RELEASE}/stream_360p_000.m4s"
    for name in PLACES:
        assert urljoin(made.key_of(MASTER), made.reference_to(name)) == made.key_of(name)


def test_without_tracks_a_release_is_one_flat_folder() -> None:
    made = manifest(*PLACES, tracks={})
    for name in PLACES:
        assert made.key_of(name) == flat_prefix(TITLE, RELEASE) + name
        assert made.reference_to(name) == name


def test_a_manifest_from_before_there_were_tracks_is_read_as_a_flat_one() -> None:
    content = manifest(POSTER, tracks={}).model_dump(exclude={"tracks", "made_for", "quality"})
    read = ReleaseManifest.model_validate(content)
    assert (read.tracks, read.prefix, read.timeline) == ({}, flat_prefix(TITLE, RELEASE), RELEASE)


def test_a_timeline_is_the_releases_own_unless_it_was_made_for_another() -> None:
    assert manifest().timeline == RELEASE
    assert manifest(made_for=EARLIER).timeline == EARLIER


@pytest.mark.parametrize("track", ["", "..", RELEASE, "360p", f"../360p-{RELEASE}", f"360p-{RELEASE}/"])
def test_a_malformed_track_id_is_refused(track: str) -> None:
    with pytest.raises(ValidationError, match="is not a track's id"):
        manifest(tracks={"360p": track})


@pytest.mark.parametrize(
    "name", ["stream_720p_000.m4s", "audio_fr.m3u8", "notes.txt", "track.json", "360p.m4s"]
)
def test_a_file_of_no_track_is_refused_and_has_no_key(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} is of no track of the release"):
        manifest(name)
    with pytest.raises(KeyError):
        manifest().key_of(name)
    with pytest.raises(KeyError):
        manifest().reference_to(name)


@pytest.mark.parametrize(
    "changed",
    [{"release": "../.."}, {"release": ""}, {"content_type": "../movie"}, {"content_id": "1/../2"}],
)
@pytest.mark.parametrize("tracks", [TRACKS, {}])
def test_a_release_or_title_that_makes_no_key_is_refused(
    changed: dict[str, str], tracks: dict[str, str]
) -> None:
    with pytest.raises(ValidationError):
        manifest(tracks=tracks, **changed)
