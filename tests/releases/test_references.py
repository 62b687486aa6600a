"""The same manifest seen from a flat folder and from the bucket's: nothing but its references changes."""

import re
from fractions import Fraction
from pathlib import Path

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nightreel.errors import ReleaseRejected
from nightreel.media.packaging import cmaf
from nightreel.media.packaging.mpd import mpd
from nightreel.media.packaging.multivariant import multivariant_playlist
from nightreel.media.packaging.track import PictureTrack, Rate, SoundTrack, TextTrack, Timeline, Tracks
from nightreel.media.renditions import AudioRendition, TextRendition, VideoRendition
from nightreel.releases.references import flat, placed
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.tracks import track_id
from tests.releases.followed import named_by

RELEASE = "20261121T010000-0a1b2c3d"
EARLIER = "20261120T010000-0a1b2c3d"
DASH = "{urn:mpeg:dash:schema:mpd:2011}"

HOSTILE = [
    "URI=",
    "a,URI=stream_360p.m3u8",
    'media="x"',
    "media='stream_360p_$Number%03d$.m4s'",
    "<BaseURL>subs_en.vtt</BaseURL>",
    "../../tracks/x/y",
    f"tracks/360p-{RELEASE}/",
    "&amp;&x;",
    "]]>",
    "https://example.org/",
    "$Number%03d$",
    "É 字 🎬",
]
# A playlist cannot quote a quotation mark, so no label has one by then.
labels = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), max_size=20),
).map(lambda label: label.replace('"', "'").strip() or "x")
rates = st.builds(Rate, peak=st.integers(1, 10**8), average=st.integers(1, 10**8))
TIMELINE = Timeline(timescale=1000, segments=(6000, 6000, 1500))


def picture(name: str, rate: Rate) -> PictureTrack:
    height = int(name.rpartition("_")[2].removesuffix("p"))
    codec = name.partition("_")[0] if "_" in name else "h264"
    rendition = VideoRendition(
        name=name,
        codec=codec,
        width=height * 2,
        height=height,
        video_bps=1,
        maxrate_bps=1,
        preset="fast",
    )
    return PictureTrack(
        rendition=rendition,
        codec="avc1.64001e",
        frame_rate=Fraction(25),
        rate=rate,
        keyframes=rate,
        timeline=TIMELINE,
    )


def sound(name: str, label: str, rate: Rate) -> SoundTrack:
    rendition = AudioRendition(
        name=name, label=label, language="en", stream=1, audio_bps=1, channels=6 if name.endswith("51") else 2
    )
    return SoundTrack(rendition=rendition, codec="mp4a.40.2", rate=rate, timeline=TIMELINE)


def text(name: str, label: str, rate: Rate) -> TextTrack:
    return TextTrack(rendition=TextRendition(name=name, label=label, language="en", stream=2), rate=rate)


@st.composite
def choices(draw: st.DrawFn) -> Tracks:
    """Some of a title's tracks, with labels as files have them."""
    pictures = ["240p", "360p", "hevc_360p", "av1_1080p"]
    sounds = ["audio_en", "audio_pt-BR", "audio_en_2", "audio_en_51"]
    texts = ["subs_en", "subs_zh-Hant_2"]

    def some(names: list[str], at_least: int = 0) -> list[str]:
        return sorted(draw(st.sets(st.sampled_from(names), min_size=at_least)), key=names.index)

    return Tracks(
        pictures=[picture(name, draw(rates)) for name in some(pictures, 1)],
        sounds=[sound(name, draw(labels), draw(rates)) for name in some(sounds)],
        texts=[text(name, draw(labels), draw(rates)) for name in some(texts)],
    )


def composed(tracks: Tracks) -> dict[str, str]:
    return {MASTER: multivariant_playlist(tracks, cmaf.VERSION), MPD: mpd(tracks)}


def manifest_of(*renditions: str, earlier: frozenset[str] = frozenset()) -> ReleaseManifest:
    """A release with a track for each rendition; those of `earlier` were made for another release."""
    return ReleaseManifest(
        release=RELEASE,
        content_type="movie",
        content_id="7",
        files=(),
        tracks={name: track_id(name, EARLIER if name in earlier else RELEASE) for name in renditions},
        plan={},
        tools={},
        checks={},
    )


def renditions_of(tracks: Tracks) -> list[str]:
    return [each.rendition.name for each in (*tracks.pictures, *tracks.sounds, *tracks.texts)]


@given(data=st.data(), tracks=choices())
def test_a_manifest_that_is_placed_and_flattened_again_is_what_it_was(
    data: st.DataObject, tracks: Tracks
) -> None:
    names = renditions_of(tracks)
    manifest = manifest_of(*names, earlier=data.draw(st.frozensets(st.sampled_from(names))))
    for name, own in composed(tracks).items():
        there = placed(name, own, manifest)
        assert flat(name, there) == own
        assert placed(name, flat(name, there), manifest) == there


@given(data=st.data(), tracks=choices())
def test_every_reference_of_a_placed_manifest_is_the_key_of_the_same_file(
    data: st.DataObject, tracks: Tracks
) -> None:
    names = renditions_of(tracks)
    manifest = manifest_of(*names, earlier=data.draw(st.frozensets(st.sampled_from(names))))
    for name, own in composed(tracks).items():
        neighbours = named_by(f"hls/{name}", own)
        assert neighbours
        assert named_by(manifest.key_of(name), placed(name, own, manifest)) == [
            manifest.key_of(each.removeprefix("hls/")) for each in neighbours
        ]


@given(tracks=choices())
def test_labels_stay_as_they_are_whatever_they_look_like(tracks: Tracks) -> None:
    manifest = manifest_of(*renditions_of(tracks))
    own = composed(tracks)
    said = [each.rendition.label for each in (*tracks.sounds, *tracks.texts)]
    root = etree.fromstring(placed(MPD, own[MPD], manifest).encode())
    assert [element.text for element in root.iter(f"{DASH}Label")] == said
    names = [media.name for media in m3u8.loads(own[MASTER]).media]
    assert [media.name for media in m3u8.loads(placed(MASTER, own[MASTER], manifest)).media] == names


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_label_that_looks_like_a_reference_is_not_touched(hostile: str) -> None:
    tracks = Tracks(
        pictures=[picture("360p", Rate(peak=2, average=1))],
        sounds=[sound("audio_en", hostile.replace('"', "'"), Rate(peak=2, average=1))],
        texts=[text("subs_en", hostile, Rate(peak=2, average=1))],
    )
    own, manifest = composed(tracks), manifest_of("360p", "audio_en", "subs_en")
    there = {name: placed(name, text, manifest) for name, text in own.items()}
    folders = re.compile("|".join(re.escape(f"../../tracks/{each}/") for each in manifest.tracks.values()))
    assert {name: folders.sub("", text) for name, text in there.items()} == own
    assert f'NAME="{tracks.sounds[0].rendition.label}"' in there[MASTER]
    root = etree.fromstring(there[MPD].encode())
    assert hostile in [label.text for label in root.iter(f"{DASH}Label")]


@pytest.mark.parametrize("address", ["https://keys.example/1", "skd://1", "data:text/plain;base64,AA=="])
def test_the_address_of_a_key_is_no_file_of_a_track(address: str) -> None:
    own = f'#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="{address}"\n'
    assert placed(MASTER, own, manifest_of("360p")) == own
    assert flat(MASTER, own) == own


@pytest.mark.parametrize(
    "named", ["stream_720p.m3u8", "audio_en.m3u8", "other.m3u8", "../stream_360p.m3u8", "360p", "a b"]
)
def test_a_playlist_that_names_a_file_of_no_track_is_refused(named: str) -> None:
    with pytest.raises(ReleaseRejected) as raised:
        placed(MASTER, f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{named}\n", manifest_of("360p"))
    assert (raised.value.code, MASTER in raised.value.sentence) == ("unknown_track", True)


@pytest.mark.parametrize(
    "inside",
    [
        '<SegmentTemplate initialization="stream_720p_init.mp4" media="stream_720p_$Number%03d$.m4s"/>',
        '<SegmentTemplate initialization="stream_360p_init.mp4" media="stream_720p_$Number%03d$.m4s"/>',
        '<SegmentTemplate initialization="stream_360p_init.mp4" media="stream_360p_$Time$.m4s"/>',
        '<SegmentTemplate initialization="stream_360p_init.mp4"/>',
        "<BaseURL>subs_en.vtt</BaseURL>",
        "<BaseURL>../</BaseURL>",
        "<BaseURL/>",
    ],
)
def test_an_mpd_that_names_a_file_of_no_track_is_refused(inside: str) -> None:
    with pytest.raises(ReleaseRejected) as raised:
        placed(MPD, f'<MPD xmlns="{DASH[1:-1]}"><Period>{inside}</Period></MPD>', manifest_of("360p"))
    assert (raised.value.code, MPD in raised.value.sentence) == ("unknown_track", True)


@pytest.mark.parametrize("text", ["", "#EXTM3U\n", "<MPD>"])
def test_what_is_no_mpd_is_refused(text: str) -> None:
    for change in (lambda: placed(MPD, text, manifest_of("360p")), lambda: flat(MPD, text)):
        with pytest.raises(ReleaseRejected) as raised:
            change()
        assert raised.value.code == "mpd_malformed"


def test_entities_of_an_mpd_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("what a file of this machine says")
    entities = f'<!ENTITY said "resolved"><!ENTITY file SYSTEM "{secret.as_uri()}">'
    own = (
        f'<!DOCTYPE MPD [{entities}]><MPD xmlns="{DASH[1:-1]}">'
        "<Period><Label>&said; &file;</Label></Period></MPD>"
    )
    for seen in (placed(MPD, own, manifest_of("360p")), flat(MPD, own)):
        assert "resolved" not in seen
        assert "machine" not in seen


def test_entities_that_grow_without_end_are_refused() -> None:
    bombs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    own = (
        f'<!DOCTYPE MPD [<!ENTITY a0 "x">{bombs}]><MPD xmlns="{DASH[1:-1]}">'
        '<Period><SegmentTemplate media="&a12;"/></Period></MPD>'
    )
    with pytest.raises(ReleaseRejected):
        flat(MPD, own)
