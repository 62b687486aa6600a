from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import m3u8
import pytest
from lxml import etree

from nightreel.errors import EncoderFailed
from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip, Sound
from tests.media.conftest import MakeClip
from tests.media.encoded import AAC_FRAME, TIMEOUT_SECONDS, Encoded, encode_all

_NS = {"mpd": "urn:mpeg:dash:schema:mpd:2011"}


@dataclass(frozen=True)
class Packaged:
    plan: Plan
    directory: Path

    def playlist(self, name: str) -> m3u8.M3U8:
        return m3u8.loads((self.directory / name).read_text())

    @property
    def names(self) -> list[str]:
        return [item.name for item in (*self.plan.video, *self.plan.audio)]

    def segments(self, rendition: str) -> list[Path]:
        return sorted(self.directory.glob(f"{rendition}_[0-9]*.m4s"))


def _package(encoded: Encoded, directory: Path, binaries: Binaries) -> Packaged:
    package(
        encoded.plan,
        encoded.files,
        directory,
        binaries=binaries,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return Packaged(encoded.plan, directory)


@pytest.fixture(scope="module")
def packaged(make_clip: MakeClip, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """13 s at 29.97 frames per second, so that no boundary is a round number, with four sound tracks."""
    clip = Clip(
        picture="testsrc2=size=192x108:rate=30000/1001",
        seconds=13,
        sounds=(
            Sound(seconds=13, language="eng"),
            Sound(seconds=13, language="fra", title='Commentaire, "à deux"'),
            Sound(seconds=13),
            Sound(seconds=13, language="eng"),
        ),
        after=("-disposition:a:0", "0", "-disposition:a:1", "default"),
    )
    encoded = encode_all(make_clip(clip), tmp_path_factory.mktemp("encoded"), binaries)
    return _package(encoded, tmp_path_factory.mktemp("release") / "new", binaries)


def test_a_release_has_exactly_the_files_that_its_names_say(packaged: Packaged) -> None:
    expected = {"master.m3u8", "manifest.mpd", "iframe_54p.m3u8", "iframe_108p.m3u8"}
    for stem in ("stream_54p", "stream_108p", "audio_en", "audio_fr", "audio_und", "audio_en_2"):
        expected |= {f"{stem}.m3u8", f"{stem}_init.mp4", *(f"{stem}_{number:03d}.m4s" for number in range(3))}
    assert {path.name for path in packaged.directory.iterdir()} == expected
    assert all(path.stat().st_size for path in packaged.directory.iterdir())


def test_every_rendition_has_the_segments_of_the_plan(packaged: Packaged) -> None:
    assert packaged.plan.segments == 3
    for name in packaged.names:
        stem = name if name.startswith("audio_") else f"stream_{name}"
        playlist = packaged.playlist(f"{stem}.m3u8")
        assert [segment.uri for segment in playlist.segments] == [
            f"{stem}_{number:03d}.m4s" for number in range(3)
        ]
        assert playlist.segment_map[0].uri == f"{stem}_init.mp4"


@pytest.mark.rule("8.2", "8.6")
def test_every_playlist_is_a_finished_video_on_demand_of_one_target(packaged: Packaged) -> None:
    playlists = [packaged.playlist(path.name) for path in packaged.directory.glob("*.m3u8")]
    media = [playlist for playlist in playlists if not playlist.is_variant]
    assert {playlist.playlist_type for playlist in media} == {"vod"}
    assert all(playlist.is_endlist for playlist in media)
    assert {playlist.target_duration for playlist in media if not playlist.is_i_frames_only} == {6}


@pytest.mark.rule("8.22")
def test_pictures_are_cut_at_the_same_frames_and_sound_as_near_as_its_frames_allow(
    packaged: Packaged,
) -> None:
    plan = packaged.plan
    exact = [
        float(min(plan.segment_frames, plan.frames - start) / plan.frame_rate)
        for start in range(0, plan.frames, plan.segment_frames)
    ]
    for name in ("stream_54p", "stream_108p"):
        durations = [segment.duration for segment in packaged.playlist(f"{name}.m3u8").segments]
        assert durations == pytest.approx(exact, abs=0.001)
    for name in ("audio_en", "audio_und"):
        durations = [segment.duration for segment in packaged.playlist(f"{name}.m3u8").segments]
        assert durations == pytest.approx(exact, abs=float(AAC_FRAME) + 0.001)


@pytest.mark.rule("7.4")
def test_every_segment_starts_with_a_keyframe_where_the_plan_has_it(
    packaged: Packaged, tmp_path: Path
) -> None:
    plan = packaged.plan
    for name in ("stream_54p", "stream_108p"):
        for number, segment in enumerate(packaged.segments(name)):
            alone = tmp_path / segment.name
            alone.write_bytes((packaged.directory / f"{name}_init.mp4").read_bytes() + segment.read_bytes())
            with av.open(str(alone)) as container:
                first = next(container.demux(video=0))
                assert first.is_keyframe
                assert first.pts is not None
                assert first.pts * first.time_base == number * plan.segment_frames / plan.frame_rate


@pytest.mark.rule("7.1", "8.7")
def test_the_segments_together_are_the_whole_title(packaged: Packaged, tmp_path: Path) -> None:
    plan = packaged.plan
    whole = tmp_path / "whole.mp4"
    files = [packaged.directory / "stream_108p_init.mp4", *packaged.segments("stream_108p")]
    whole.write_bytes(b"".join(path.read_bytes() for path in files))
    made = measure.picture(whole)
    assert len(made.times) == plan.frames
    assert made.keyframes == tuple(range(0, plan.frames, plan.gop_frames))


@pytest.mark.rule("8.1")
def test_durations_are_exact_so_that_they_do_not_drift_over_a_long_title(packaged: Packaged) -> None:
    exact = float(packaged.plan.frames / packaged.plan.frame_rate)
    for name in ("stream_54p.m3u8", "iframe_54p.m3u8"):
        durations = [segment.duration for segment in packaged.playlist(name).segments]
        # Microseconds are rounded, at most half of one each; milliseconds would be a thousand times it.
        assert abs(sum(durations) - exact) <= len(durations) * 0.5e-6
    for segment in packaged.playlist("audio_en.m3u8").segments:
        frames = segment.duration / AAC_FRAME
        assert abs(frames - round(frames)) < 1e-4


@pytest.mark.rule("6.3")
def test_there_is_an_i_frame_entry_for_every_keyframe(packaged: Packaged) -> None:
    plan = packaged.plan
    for rendition in plan.video:
        playlist = packaged.playlist(f"iframe_{rendition.name}.m3u8")
        assert playlist.is_i_frames_only
        assert len(playlist.segments) == -(-plan.frames // plan.gop_frames)
    assert len(packaged.playlist("master.m3u8").iframe_playlists) == len(plan.video)


@pytest.mark.rule("9.1", "9.2", "9.11", "9.14", "9.15")
def test_the_multivariant_playlist_says_what_players_choose_by(packaged: Packaged) -> None:
    master = packaged.playlist("master.m3u8")
    assert master.is_independent_segments
    assert [variant.uri for variant in master.playlists] == [
        f"stream_{rendition.name}.m3u8" for rendition in packaged.plan.video_in_playlist_order
    ]
    sizes = {rendition.name: (rendition.width, rendition.height) for rendition in packaged.plan.video}
    for variant in master.playlists:
        said = variant.stream_info
        assert said.resolution == sizes[str(variant.uri).removeprefix("stream_").removesuffix(".m3u8")]
        assert said.frame_rate == pytest.approx(29.97, abs=0.001)
        assert said.bandwidth >= said.average_bandwidth > 0
        assert [codec.partition(".")[0] for codec in said.codecs.split(",")] == ["avc1", "mp4a"]
        assert said.audio == "audio"


@pytest.mark.rule("8.9", "8.10")
def test_every_sound_track_has_its_language_a_name_of_its_own_and_one_is_the_default(
    packaged: Packaged,
) -> None:
    media = packaged.playlist("master.m3u8").media
    assert [(item.uri, item.language, item.name, item.default) for item in media] == [
        ("audio_en.m3u8", "en", "English", "NO"),
        ("audio_fr.m3u8", "fr", "Commentaire à deux", "YES"),
        ("audio_und.m3u8", "und", "Audio", "NO"),
        ("audio_en_2.m3u8", "en", "English 2", "NO"),
    ]
    assert {item.group_id for item in media} == {"audio"}


@pytest.mark.rule("DASH alignment")
def test_dash_has_the_same_segments_at_the_same_times_as_hls(packaged: Packaged) -> None:
    mpd = etree.parse(packaged.directory / "manifest.mpd")
    assert mpd.getroot().get("type") == "static"
    representations = mpd.findall(".//mpd:Representation", _NS)
    assert len({item.get("id") for item in representations}) == len(packaged.names)
    for representation in representations:
        template = representation.find("mpd:SegmentTemplate", _NS)
        init = template.get("initialization")
        stem = init.removesuffix("_init.mp4")
        assert template.get("media") == f"{stem}_$Number%03d$.m4s"
        assert template.get("startNumber", "1") == "0"
        dash = _dash_durations(template)
        hls = [segment.duration for segment in packaged.playlist(f"{stem}.m3u8").segments]
        assert [float(duration) for duration in dash] == pytest.approx(hls, abs=0.001)


def test_dash_names_the_languages_that_are_known(packaged: Packaged) -> None:
    mpd = etree.parse(packaged.directory / "manifest.mpd")
    languages = [item.get("lang") for item in mpd.findall(".//mpd:AdaptationSet[@contentType='audio']", _NS)]
    assert {"en", "fr"} <= set(languages)


def test_a_title_without_sound_has_no_audio_group(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    encoded = encode_all(make_clip(Clip()), tmp_path, binaries)
    silent = _package(encoded, tmp_path / "release", binaries)
    master = silent.playlist("master.m3u8")
    assert master.media == []
    assert all(variant.stream_info.audio is None for variant in master.playlists)
    assert [len(silent.segments(f"stream_{item.name}")) for item in silent.plan.video] == [1, 1]


def test_what_the_packager_cannot_read_is_an_error_that_says_so(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    encoded = encode_all(make_clip(Clip()), tmp_path, binaries)
    encoded.pictures[0].write_bytes(b"")
    with pytest.raises(EncoderFailed, match="packager-linux"):
        _package(encoded, tmp_path / "release", binaries)


def _dash_durations(template: etree._Element) -> list[Fraction]:
    timescale = int(template.get("timescale", "1"))
    return [
        Fraction(int(entry.get("d")), timescale)
        for entry in template.findall("mpd:SegmentTimeline/mpd:S", _NS)
        for _ in range(int(entry.get("r", "0")) + 1)
    ]
