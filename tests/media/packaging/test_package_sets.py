"""Several codecs, sounds and subtitles in one release, by the numbers of Apple's authoring rules."""

from io import BytesIO

import av
import m3u8
import pytest
from lxml import etree

from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import TextRendition
from nightreel.places import PROJECT_ROOT
from tests.media.packaged import DASH, Packaged, packaged, picture, small_plan, sound

SCHEMAS = PROJECT_ROOT.parent / "shared" / "schemas"

PLAN = small_plan(
    video=(
        picture("54p", 54),
        picture("108p", 108),
        picture("hevc_108p", 108, "hevc"),
        picture("av1_108p", 108, "av1"),
        picture("hdr_54p", 54, "hevc", "pq"),
        picture("hlg_54p", 54, "hevc", "hlg"),
    ),
    audio=(
        sound("audio_en", "en", 1, "English"),
        sound("audio_fr", "fr", 2, "French"),
        sound("audio_en_2", "en", 3, "Commentary"),
        sound("audio_en_51", "en", 1, "English", channels=6),
    ),
    text=(
        TextRendition(name="subs_en", label="English", language="en", stream=4),
        TextRendition(name="subs_und", label="Text", language="und", stream=5, forced=True, default=True),
    ),
)


@pytest.fixture(scope="module")
def release(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    return packaged(PLAN, tmp_path_factory.mktemp("sets"), binaries)


def variants(release: Packaged, group: str) -> dict[str, m3u8.model.StreamInfo]:
    """What the multivariant playlist says of each variant with this group of sounds."""
    return {
        str(variant.uri): variant.stream_info
        for variant in release.playlist().playlists
        if variant.stream_info.audio == group
    }


# --- sounds ---


@pytest.mark.rule("9.6")
def test_every_variant_is_offered_with_stereo_and_with_surround(release: Packaged) -> None:
    planned = {f"stream_{item.name}.m3u8" for item in PLAN.video}
    assert set(variants(release, "audio")) == set(variants(release, "surround")) == planned
    assert len(release.playlist().playlists) == 2 * len(planned)


def test_both_groups_of_sounds_have_the_same_members_alike_but_for_uri_and_channels(
    release: Packaged,
) -> None:
    def members(group: str) -> list[tuple[str | None, ...]]:
        return [
            (item.language, item.name, item.default, item.autoselect)
            for item in release.playlist().media
            if item.group_id == group
        ]

    assert members("audio") == members("surround")
    assert members("audio") == [
        ("en", "English", "YES", "YES"),
        ("fr", "French", "NO", "YES"),
        ("en", "Commentary", "NO", "NO"),
    ]


def test_channels_are_those_of_the_file_that_is_named(release: Packaged) -> None:
    named = {item.uri: item.channels for item in release.playlist().media if item.type == "AUDIO"}
    assert named == {
        "audio_en.m3u8": "2",
        "audio_fr.m3u8": "2",
        "audio_en_2.m3u8": "2",
        "audio_en_51.m3u8": "6",
    }


@pytest.mark.rule("9.13")
def test_a_variant_with_surround_needs_more_bandwidth(release: Packaged) -> None:
    stereo, surround = variants(release, "audio"), variants(release, "surround")
    for uri, said in stereo.items():
        assert surround[uri].bandwidth > said.bandwidth >= said.average_bandwidth


@pytest.mark.rule("1.32")
def test_the_first_variant_is_widely_decoded_and_has_stereo(release: Packaged) -> None:
    first = release.playlist().playlists[0]
    assert first.uri == "stream_108p.m3u8"
    assert first.stream_info.audio == "audio"


def test_dash_has_a_set_for_each_sound_with_its_language_label_role_and_channels(release: Packaged) -> None:
    assert [
        (
            item.get("lang"),
            item.findtext("mpd:Label", namespaces=DASH),
            item.find("mpd:Role", DASH).get("value"),
            [found.get("value") for found in item.iterfind(".//mpd:AudioChannelConfiguration", DASH)],
        )
        for item in release.sets("audio")
    ] == [
        ("en", "English", "main", ["2"]),
        ("fr", "French", "alternate", ["2"]),
        ("en", "Commentary", "alternate", ["2"]),
        ("en", "English", "main", ["6"]),
    ]


# --- codecs ---


@pytest.mark.rule("1.10", "2.4", "9.1")
def test_every_variant_names_its_codecs(release: Packaged) -> None:
    codecs = {uri: said.codecs.split(",") for uri, said in variants(release, "surround").items()}
    assert {uri: found[0].partition(".")[0] for uri, found in codecs.items()} == {
        "stream_54p.m3u8": "avc1",
        "stream_108p.m3u8": "avc1",
        "stream_hevc_108p.m3u8": "hvc1",
        "stream_av1_108p.m3u8": "av01",
        "stream_hdr_54p.m3u8": "hvc1",
        "stream_hlg_54p.m3u8": "hvc1",
    }
    assert {found[1] for found in codecs.values()} == {"mp4a.40.2"}


@pytest.mark.rule("9.16")
def test_every_variant_and_i_frame_playlist_names_its_dynamic_range(release: Packaged) -> None:
    expected = dict.fromkeys((item.name for item in PLAN.video), "SDR") | {"hdr_54p": "PQ", "hlg_54p": "HLG"}
    master = release.playlist()
    for group in ("audio", "surround"):
        assert {uri: said.video_range for uri, said in variants(release, group).items()} == {
            f"stream_{name}.m3u8": dynamic_range for name, dynamic_range in expected.items()
        }
    assert {item.uri: item.iframe_stream_info.video_range for item in master.iframe_playlists} == {
        f"iframe_{name}.m3u8": dynamic_range for name, dynamic_range in expected.items()
    }


@pytest.mark.rule("6.1", "6.6", "6.8", "9.3", "9.4")
def test_every_picture_has_an_i_frame_playlist(release: Packaged) -> None:
    of_uri = {item.uri: item.iframe_stream_info for item in release.playlist().iframe_playlists}
    for item in PLAN.video:
        said = of_uri[f"iframe_{item.name}.m3u8"]
        assert said.codecs == variants(release, "audio")[f"stream_{item.name}.m3u8"].codecs.split(",")[0]
        assert said.resolution == (item.width, item.height)
        assert release.playlist(f"iframe_{item.name}.m3u8").is_i_frames_only


@pytest.mark.parametrize("name", [item.name for item in PLAN.video])
@pytest.mark.rule("6.10")
def test_every_entry_of_an_i_frame_playlist_is_a_picture_by_itself(name: str, release: Packaged) -> None:
    init = (release.directory / f"stream_{name}_init.mp4").read_bytes()
    entries = release.playlist(f"iframe_{name}.m3u8").segments
    assert len(entries) == 5
    for entry in entries:
        size, _, start = entry.byterange.partition("@")
        segment = (release.directory / entry.uri).read_bytes()
        alone = init + segment[int(start) : int(start) + int(size)]
        with av.open(BytesIO(alone)) as container:
            assert next(container.decode(video=0)).key_frame


def test_no_variant_promises_captions_within_the_picture(release: Packaged) -> None:
    assert {item.stream_info.closed_captions for item in release.playlist().playlists} == {"NONE"}


def test_dash_lets_players_switch_within_a_codec_and_a_range_only(release: Packaged) -> None:
    assert [
        [item.get("initialization") for item in found.iterfind(".//mpd:SegmentTemplate", DASH)]
        for found in release.sets("video")
    ] == [
        ["stream_108p_init.mp4", "stream_54p_init.mp4"],
        ["stream_hevc_108p_init.mp4"],
        ["stream_av1_108p_init.mp4"],
        ["stream_hdr_54p_init.mp4"],
        ["stream_hlg_54p_init.mp4"],
    ]


def test_dash_lets_players_pass_over_a_range_that_they_cannot_show(release: Packaged) -> None:
    transfers = [
        [
            item.get("value")
            for item in found.iterfind("mpd:EssentialProperty", DASH)
            if item.get("schemeIdUri") == "urn:mpeg:mpegB:cicp:TransferCharacteristics"
        ]
        for found in release.sets("video")
    ]
    # ISO/IEC 23091-2: 16 is PQ, 18 is HLG.
    assert transfers == [[], [], [], ["16"], ["18"]]


# --- subtitles ---


@pytest.mark.rule("4.7", "5.11", "8.10")
def test_every_variant_offers_the_subtitles(release: Packaged) -> None:
    assert {item.stream_info.subtitles for item in release.playlist().playlists} == {"subs"}
    assert [
        (item.uri, item.language, item.name, item.default, item.autoselect, item.forced)
        for item in release.playlist().media
        if item.type == "SUBTITLES"
    ] == [
        ("subs_en.m3u8", "en", "English", "NO", "YES", "NO"),
        ("subs_und.m3u8", "und", "Text", "YES", "YES", "YES"),
    ]


def test_dash_has_each_subtitle_as_one_file_that_is_there(release: Packaged) -> None:
    described = [
        (
            item.get("lang"),
            item.get("mimeType"),
            [role.get("value") for role in item.iterfind("mpd:Role", DASH)],
            item.findtext("mpd:Label", namespaces=DASH),
            item.findtext("mpd:Representation/mpd:BaseURL", namespaces=DASH),
        )
        for item in release.sets("text")
    ]
    assert described == [
        ("en", "text/vtt", ["subtitle"], "English", "subs_en.vtt"),
        ("und", "text/vtt", ["forced-subtitle", "main"], "Text", "subs_und.vtt"),
    ]
    assert "English" in release.text("subs_en.vtt")


# --- the whole ---


@pytest.mark.rule("5.5", "8.2", "8.6", "8.7")
def test_every_media_playlist_is_a_finished_one_of_the_same_target_and_the_whole_title(
    release: Packaged,
) -> None:
    for name, playlist in release.media_playlists().items():
        assert (playlist.target_duration, playlist.playlist_type, playlist.is_endlist) == (2, "vod", True), (
            name
        )
        assert all(round(segment.duration) <= 2 for segment in playlist.segments)
        assert sum(segment.duration for segment in playlist.segments) == pytest.approx(5, abs=1024 / 48_000)


@pytest.mark.rule("RFC 7")
def test_playlists_have_the_version_that_their_tags_need(release: Packaged) -> None:
    versions = {playlist.version for playlist in release.media_playlists().values()}
    assert versions | {release.playlist().version} == {6}


@pytest.mark.rule("DASH ids")
def test_ids_are_unique_in_the_mpd(release: Packaged) -> None:
    for tag in ("AdaptationSet", "Representation"):
        ids = [item.get("id") for item in release.mpd().iterfind(f".//mpd:{tag}", DASH)]
        assert None not in ids
        assert len(set(ids)) == len(ids)


def test_every_set_of_the_mpd_starts_each_segment_with_an_access_point(release: Packaged) -> None:
    timed = [*release.sets("video"), *release.sets("audio")]
    assert {(item.get("startWithSAP"), item.get("segmentAlignment")) for item in timed} == {("1", "true")}


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the DASH schema is not beside the project")
@pytest.mark.rule("DASH schema")
def test_the_mpd_is_valid_against_the_schema_of_dash(release: Packaged) -> None:
    etree.XMLSchema(etree.parse(SCHEMAS / "DASH-MPD.xsd")).assertValid(release.mpd())


def test_the_presentation_lasts_as_long_as_its_longest_track(release: Packaged) -> None:
    """A sound ends with its last AAC frame: 235 of them, which is 13 ms after the picture."""
    assert release.mpd().getroot().get("mediaPresentationDuration") == "PT5.013333S"
