"""The container `ts`: segments that any player of HLS has played since 2009."""

import io
from itertools import pairwise
from pathlib import Path

import av
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from nightreel.errors import EncoderFailed
from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan, PlanOptions
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import AAC_FRAME_SAMPLES
from nightreel.vocabulary.release import MASTER
from tests.media.clips import Clip, Sound
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, Encoded, encode_all
from tests.media.packaged import KEY, PROTECTION, Packaged
from tests.media.packaging.mpegts import CLOCK, Ticks, segments

AAC_FRAME_TICKS = AAC_FRAME_SAMPLES * CLOCK // 48_000


@pytest.fixture(scope="module")
def encoded(make_clip: MakeClip, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    """13 s at a rate whose frames are no whole ticks of the clock."""
    clip = Clip(
        picture="testsrc2=size=192x108:rate=24000/1001",
        seconds=13,
        sounds=(Sound(seconds=13, language="eng"), Sound(seconds=13, language="fra")),
    )
    options = PlanOptions(container="ts", preset="veryfast")
    return encode_all(make_clip(clip), tmp_path_factory.mktemp("encoded"), binaries, options)


@pytest.fixture(scope="module")
def clear(encoded: Encoded, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    directory = tmp_path_factory.mktemp("clear") / "release"
    package(encoded.plan, encoded.files, directory, binaries=binaries, timeout_seconds=TIMEOUT_SECONDS)
    return Packaged(encoded.plan, directory)


@pytest.fixture(scope="module")
def encrypted(encoded: Encoded, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    directory = tmp_path_factory.mktemp("encrypted") / "release"
    package(
        encoded.plan,
        encoded.files,
        directory,
        binaries=binaries,
        timeout_seconds=TIMEOUT_SECONDS,
        protection=PROTECTION,
    )
    return Packaged(encoded.plan, directory)


def tick(plan: Plan, frame: int) -> int:
    return round(frame / plan.frame_rate * CLOCK)


def within_a_tick(plan: Plan, frame: int) -> object:
    return pytest.approx(tick(plan, frame), abs=1)


def durations(plan: Plan, frames: int) -> list[float]:
    return [
        float(min(frames, plan.frames - start) / plan.frame_rate) for start in range(0, plan.frames, frames)
    ]


def test_a_release_has_exactly_the_files_of_the_classic_layout(clear: Packaged) -> None:
    expected = {MASTER, "iframe_54p.m3u8", "iframe_108p.m3u8"}
    for stem in ("stream_54p", "stream_108p", "audio_fr"):
        expected |= {f"{stem}.m3u8", *(f"{stem}_{number:03d}.ts" for number in range(3))}
    assert {path.name for path in clear.directory.iterdir()} == expected


def test_every_segment_starts_with_a_keyframe_where_the_plan_has_it(clear: Packaged) -> None:
    plan = clear.plan
    for stem in ("stream_54p", "stream_108p"):
        for number, data in enumerate(segments(clear, stem)):
            picture = Ticks(data, "video")
            assert picture.shown[0] == picture.keyframes[0] == min(picture.shown)
            assert picture.shown[0] == within_a_tick(plan, number * plan.segment_frames)


def test_the_clock_of_every_stream_starts_at_zero(clear: Packaged) -> None:
    for stem in ("stream_54p", "stream_108p"):
        first = segments(clear, stem)[0]
        assert min(Ticks(first, "video").shown) == Ticks(first, "audio").shown[0] == 0
    assert Ticks(segments(clear, "audio_fr")[0], "audio").shown[0] == 0


def test_every_frame_is_decoded_when_it_is_shown_so_that_no_player_takes_it_for_late(
    clear: Packaged,
) -> None:
    for stem in ("stream_54p", "stream_108p"):
        for data in segments(clear, stem):
            picture = Ticks(data, "video")
            assert picture.decoded == picture.shown


def test_the_sound_within_is_cut_with_the_picture(clear: Packaged) -> None:
    plan = clear.plan
    for number, data in enumerate(segments(clear, "stream_108p")):
        distance = Ticks(data, "audio").shown[0] - tick(plan, number * plan.segment_frames)
        assert abs(distance) <= AAC_FRAME_TICKS


@pytest.mark.rule("7.2")
def test_the_segments_together_are_every_frame_once(clear: Packaged) -> None:
    plan = clear.plan
    for stem in ("stream_54p", "stream_108p"):
        shown = sorted(time for data in segments(clear, stem) for time in Ticks(data, "video").shown)
        assert len(shown) == plan.frames
        assert all(time == within_a_tick(plan, frame) for frame, time in enumerate(shown))


@pytest.mark.rule("2.17")
def test_every_variant_has_the_default_sound_within_and_all_of_it(clear: Packaged, encoded: Encoded) -> None:
    with av.open(str(encoded.files["audio_en"])) as container:
        frames = sum(1 for packet in container.demux() if packet.size)
    for stem in ("stream_54p", "stream_108p"):
        parts = [Ticks(data, "audio") for data in segments(clear, stem)]
        assert all(part.kinds == ["video", "audio"] for part in parts)
        times = [time for part in parts for time in part.shown]
        assert len(times) == frames
        assert {after - before for before, after in pairwise(times)} == {AAC_FRAME_TICKS}


def test_another_language_has_segments_of_its_own_on_the_same_grid(clear: Packaged) -> None:
    plan = clear.plan
    for number, data in enumerate(segments(clear, "audio_fr")):
        part = Ticks(data, "audio")
        assert part.kinds == ["audio"]
        assert 0 <= part.shown[0] - tick(plan, number * plan.segment_frames) <= AAC_FRAME_TICKS


def test_every_playlist_is_a_finished_video_on_demand_of_one_target(clear: Packaged) -> None:
    playlists = clear.media_playlists().values()
    assert {playlist.playlist_type for playlist in playlists} == {"vod"}
    assert all(playlist.is_endlist for playlist in playlists)
    assert {playlist.target_duration for playlist in playlists} == {6}
    assert all(segment.duration < 6.5 for playlist in playlists for segment in playlist.segments)


def test_durations_are_those_of_the_frames_and_not_of_the_clock(clear: Packaged) -> None:
    plan = clear.plan
    for name, frames in (("stream", plan.segment_frames), ("iframe", plan.gop_frames)):
        said = [entry.duration for entry in clear.playlist(f"{name}_108p.m3u8").segments]
        assert said == pytest.approx(durations(plan, frames), abs=0.5e-6)


def test_each_entry_of_an_i_frame_playlist_shows_one_picture_by_itself(clear: Packaged) -> None:
    plan = clear.plan
    playlist = clear.playlist("iframe_108p.m3u8")
    assert playlist.is_i_frames_only
    assert len(playlist.segments) == -(-plan.frames // plan.gop_frames)
    for number, entry in enumerate(playlist.segments):
        length, _, start = str(entry.byterange).partition("@")
        data = (clear.directory / str(entry.uri)).read_bytes()[int(start) :][: int(length)]
        with av.open(io.BytesIO(data), "r", format="mpegts") as container:
            (frame,) = container.decode(video=0)
        assert frame.key_frame
        assert frame.pts == within_a_tick(plan, number * plan.gop_frames)


def test_the_multivariant_playlist_says_what_players_choose_by(clear: Packaged) -> None:
    master = clear.playlist()
    assert master.is_independent_segments
    assert [variant.uri for variant in master.playlists] == ["stream_108p.m3u8", "stream_54p.m3u8"]
    assert [item.uri for item in master.iframe_playlists] == ["iframe_108p.m3u8", "iframe_54p.m3u8"]
    for variant, size in zip(master.playlists, ((192, 108), (96, 54)), strict=True):
        said = variant.stream_info
        assert said.resolution == size
        assert said.frame_rate == 23.976
        assert said.codecs.startswith("avc1.64")
        assert said.codecs.endswith(",mp4a.40.2")
        assert said.closed_captions == "NONE"
        assert said.audio == "audio"


def test_the_sound_within_the_variants_has_no_playlist_and_is_the_default(clear: Packaged) -> None:
    assert [(item.language, item.uri, item.default) for item in clear.playlist().media] == [
        ("en", None, "YES"),
        ("fr", "audio_fr.m3u8", "NO"),
    ]


def test_rates_are_those_of_the_segments_with_the_other_language(clear: Packaged) -> None:
    def rates(name: str) -> list[float]:
        entries = clear.playlist(f"{name}.m3u8").segments
        return [(clear.directory / e.uri).stat().st_size * 8 / e.duration for e in entries if e.duration > 3]

    for variant in clear.playlist().playlists:
        said = variant.stream_info
        peak = max(rates(str(variant.uri).removesuffix(".m3u8"))) + max(rates("audio_fr"))
        assert said.bandwidth == pytest.approx(peak, rel=0.01)
        assert said.bandwidth >= said.average_bandwidth > said.bandwidth / 2


def test_what_ffmpeg_refuses_is_told_with_its_words(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    broken = tmp_path / "54p.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(EncoderFailed, match="Invalid data"):
        package(
            encoded.plan,
            encoded.files | {"54p": broken},
            tmp_path / "release",
            binaries=binaries,
            timeout_seconds=TIMEOUT_SECONDS,
        )


def decrypted(data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(KEY.key), modes.CBC(KEY.iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()


def test_encrypted_segments_are_the_clear_ones_once_decrypted(clear: Packaged, encrypted: Packaged) -> None:
    for path in clear.directory.glob("*.ts"):
        data = (encrypted.directory / path.name).read_bytes()
        assert decrypted(data) == path.read_bytes()


def test_encrypted_segments_do_not_play_without_the_key(encrypted: Packaged) -> None:
    for path in encrypted.directory.glob("*.ts"):
        with pytest.raises(av.error.FFmpegError), av.open(str(path), format="mpegts") as container:
            list(container.demux())


def test_every_playlist_of_segments_names_the_method_the_address_of_the_key_and_the_iv(
    encrypted: Packaged,
) -> None:
    for playlist in encrypted.media_playlists().values():
        assert len(playlist.keys) == 1
        key = playlist.keys[0]
        assert (key.method, key.uri, key.iv) == ("AES-128", PROTECTION.key_uri, f"0x{KEY.iv.hex()}")
        assert all(segment.key == key for segment in playlist.segments)


def test_no_part_of_an_encrypted_segment_is_named(encrypted: Packaged) -> None:
    assert list(encrypted.directory.glob("iframe_*")) == []
    assert encrypted.playlist().iframe_playlists == []


def test_the_key_is_nowhere_in_the_release(encrypted: Packaged) -> None:
    forms = (KEY.key, KEY.key.hex().encode(), KEY.key.hex().upper().encode())
    for path in encrypted.directory.iterdir():
        assert not any(form in path.read_bytes() for form in forms)
