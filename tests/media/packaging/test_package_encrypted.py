"""A CMAF release that only the holder of its key can decode, and that tells nobody the key."""

import base64
import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import pytest
from lxml import etree

from nightreel.errors import EncoderFailed
from nightreel.media.packaging.package import package
from nightreel.media.packaging.packager_keys import key_file, key_flags
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import TextRendition
from nightreel.places import PROJECT_ROOT
from tests.media.encoded import TIMEOUT_SECONDS
from tests.media.packaged import (
    DASH,
    KEY,
    PROTECTION,
    Packaged,
    encoded_renditions,
    packaged,
    picture,
    small_plan,
    sound,
)
from tests.started_programs import StartedProgram, started_programs

SCHEMAS = PROJECT_ROOT.parent / "shared" / "schemas"
WIDEVINE = "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"
CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"

PLAN = small_plan(
    video=(picture("108p", 108), picture("hevc_54p", 54, "hevc"), picture("av1_108p", 108, "av1")),
    audio=(
        sound("audio_en", "en", 1, "English"),
        sound("audio_en_51", "en", 1, "English", channels=6),
        sound("audio_fr", "fr", 2, "French"),
    ),
    text=(TextRendition(name="subs_en", label="English", language="en", stream=4),),
    encrypted=True,
)
TIMED = [*(f"stream_{item.name}" for item in PLAN.video), *(item.name for item in PLAN.audio)]


def forms_of_the_key() -> list[bytes]:
    key = KEY.key
    texts = (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode())
    return [key, *(text.rstrip("=").encode() for text in texts)]


@pytest.fixture(scope="module")
def encoded(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return encoded_renditions(PLAN, tmp_path_factory.mktemp("encoded"), binaries.ffmpeg)


@pytest.fixture(scope="module")
def told() -> list[StartedProgram]:
    """The programs that packaged `encrypted`."""
    return []


@pytest.fixture(scope="module")
def encrypted(
    encoded: dict[str, Path],
    told: list[StartedProgram],
    binaries: Binaries,
    tmp_path_factory: pytest.TempPathFactory,
) -> Packaged:
    directory = tmp_path_factory.mktemp("encrypted")
    with started_programs() as started:
        package(
            PLAN,
            encoded,
            directory,
            binaries=binaries,
            timeout_seconds=TIMEOUT_SECONDS,
            protection=PROTECTION,
        )
    told += started
    return Packaged(PLAN, directory)


@pytest.fixture(scope="module")
def signalled(
    encoded: dict[str, Path], binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Packaged:
    """For Widevine and FairPlay as well."""
    directory = tmp_path_factory.mktemp("signalled")
    protection = replace(
        PROTECTION, systems=("widevine", "fairplay"), fairplay_uri=f"skd://{KEY.key_id}", license_url=""
    )
    package(
        PLAN,
        encoded,
        directory,
        binaries=binaries,
        timeout_seconds=TIMEOUT_SECONDS,
        protection=protection,
    )
    return Packaged(PLAN, directory)


def decoded(release: Packaged, stem: str, key: bytes | None) -> list[bytes]:
    """Every picture or sound of a rendition, as far as it can be decoded."""
    init = release.directory / f"{stem}_init.mp4"
    segments = sorted(release.directory.glob(f"{stem}_[0-9][0-9][0-9].m4s"))
    content = b"".join(path.read_bytes() for path in (init, *segments))
    options = {"decryption_key": key.hex()} if key else {}
    frames: list[bytes] = []
    with av.open(BytesIO(content), options=options) as container:
        (stream,) = container.streams
        for packet in container.demux(stream):
            try:
                frames += [frame.to_ndarray().tobytes() for frame in packet.decode()]
            except av.error.FFmpegError:
                frames.append(b"broken")
    return frames


def decoded_before(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        (stream,) = container.streams
        return [frame.to_ndarray().tobytes() for frame in container.decode(stream)]


@pytest.mark.parametrize("stem", TIMED)
def test_with_the_key_everything_is_as_it_was_encoded(
    stem: str, encrypted: Packaged, encoded: dict[str, Path]
) -> None:
    assert decoded(encrypted, stem, KEY.key) == decoded_before(encoded[stem.removeprefix("stream_")])


@pytest.mark.parametrize("stem", TIMED)
@pytest.mark.parametrize("key", [None, bytes(16)], ids=["no key", "another key"])
def test_without_the_key_nothing_is(
    stem: str, key: bytes | None, encrypted: Packaged, encoded: dict[str, Path]
) -> None:
    clear = set(decoded_before(encoded[stem.removeprefix("stream_")]))
    # Silence is what a decoder makes of nothing; a tone is never silent but at its very start.
    assert not clear.intersection(decoded(encrypted, stem, key))


def test_subtitles_stay_clear(encrypted: Packaged) -> None:
    assert "English" in encrypted.text("subs_en.vtt")
    assert "English" in encrypted.text("subs_en_000.vtt")
    assert "EXT-X-KEY" not in encrypted.text("subs_en.m3u8")


def test_the_key_is_in_no_file_of_the_release(encrypted: Packaged, signalled: Packaged) -> None:
    for release in (encrypted, signalled):
        for path in release.directory.iterdir():
            content = path.read_bytes()
            assert not [form for form in forms_of_the_key() if form.lower() in content.lower()], path.name


def test_the_key_is_in_no_argument_and_no_variable_of_the_packager(
    encrypted: Packaged, told: list[StartedProgram]
) -> None:
    assert len(told) == len(PLAN.video) + len(PLAN.audio)
    for packager in told:
        words = "\n".join((*packager.arguments, *packager.environment.values())).lower().encode()
        assert b"--flagfile=" in words
        assert not [form for form in forms_of_the_key() if form.lower() in words]


def test_the_key_is_not_in_what_a_failed_packager_says(
    encoded: dict[str, Path], binaries: Binaries, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(EncoderFailed) as failed:
        package(
            PLAN,
            encoded | {"108p": tmp_path / "empty.mp4"},
            tmp_path / "release",
            binaries=binaries,
            timeout_seconds=TIMEOUT_SECONDS,
            protection=PROTECTION,
        )
    assert not [form for form in forms_of_the_key() if form.lower() in str(failed.value).encode().lower()]


def test_the_file_with_the_key_is_for_this_user_alone_has_no_name_and_is_gone_afterwards() -> None:
    with key_file(PROTECTION) as descriptor:
        assert descriptor is not None
        (flag,) = key_flags(descriptor)
        file = Path(flag.removeprefix("--flagfile="))
        assert KEY.key.hex() in file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_nlink == 0
        assert not os.get_inheritable(descriptor)
    assert not file.exists()


def test_a_clear_release_needs_no_flags() -> None:
    with key_file(None) as descriptor:
        assert key_flags(descriptor) == []


def test_every_playlist_with_pictures_or_sound_says_where_the_key_is(encrypted: Packaged) -> None:
    lines = {
        name: [line for line in encrypted.text(name).splitlines() if line.startswith("#EXT-X-KEY:")]
        for name in encrypted.media_playlists()
        if not name.startswith("subs_")
    }
    assert len(lines) == len(TIMED) + len(PLAN.video)
    expected = (
        f'#EXT-X-KEY:METHOD=SAMPLE-AES,URI="{PROTECTION.key_uri}",IV=0x{KEY.iv.hex()},KEYFORMAT="identity"'
    )
    assert set(map(tuple, lines.values())) == {(expected,)}


def test_the_multivariant_playlist_names_the_keys_of_the_media_playlists(
    encrypted: Packaged, signalled: Packaged
) -> None:
    for release in (encrypted, signalled):
        keys = [line for line in release.text("audio_en.m3u8").splitlines() if "EXT-X-KEY:" in line]
        session = [line for line in release.text().splitlines() if "EXT-X-SESSION-KEY:" in line]
        assert session == [line.replace("EXT-X-KEY:", "EXT-X-SESSION-KEY:") for line in keys]
    assert "EXT-X-SESSION-KEY" in encrypted.text()


def test_each_key_system_has_its_own_format_and_address(signalled: Packaged) -> None:
    (keys,) = {
        tuple((key.keyformat, key.uri.partition(":")[0]) for key in playlist.keys if key)
        for name, playlist in signalled.media_playlists().items()
        if not name.startswith(("subs_", "iframe_"))
    }
    assert sorted(keys) == [
        ("com.apple.streamingkeydelivery", "skd"),
        ("identity", "https"),
        (WIDEVINE, "data"),
    ]


@pytest.mark.rule("13.7", "13.11")
def test_pictures_are_encrypted_in_the_pattern_1_to_9_with_a_constant_iv(
    encrypted: Packaged,
) -> None:
    for item in PLAN.video:
        init = (encrypted.directory / f"stream_{item.name}_init.mp4").read_bytes()
        _, _, box = init.partition(b"tenc")
        assert b"cbcs" in init
        # Version 1, flags, reserved, the pattern, protected, no IV per sample, the key's id, the IV.
        expected = bytes([1, 0, 0, 0, 0, 0x19, 1, 0]) + KEY.key_id.bytes + bytes([16]) + KEY.iv
        assert box.startswith(expected)


def test_every_timed_set_of_the_mpd_names_the_key_and_the_clear_key_server(encrypted: Packaged) -> None:
    timed = [*encrypted.sets("video"), *encrypted.sets("audio")]
    assert len(timed) == len(TIMED)
    for item in timed:
        found = {each.get("schemeIdUri"): each for each in item.iterfind("mpd:ContentProtection", DASH)}
        common = found["urn:mpeg:dash:mp4protection:2011"]
        assert common.get("value") == "cbcs"
        assert common.get(f"{{{DASH['cenc']}}}default_KID") == str(KEY.key_id)
        assert found[CLEAR_KEY].findtext("dashif:Laurl", namespaces=DASH) == PROTECTION.license_url
    assert encrypted.sets("text")[0].find("mpd:ContentProtection", DASH) is None


def test_widevine_finds_its_pssh_once_in_each_set_of_the_mpd(signalled: Packaged) -> None:
    for item in (*signalled.sets("video"), *signalled.sets("audio")):
        (widevine,) = item.iterfind(f"mpd:ContentProtection[@schemeIdUri='{WIDEVINE}']", DASH)
        assert len(widevine.findall("cenc:pssh", DASH)) == 1
        # Without an address there is no server to name.
        assert item.find(f"mpd:ContentProtection[@schemeIdUri='{CLEAR_KEY}']", DASH) is None


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the DASH schema is not beside the project")
def test_the_mpd_is_valid_against_the_schema_of_dash(encrypted: Packaged, signalled: Packaged) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "DASH-MPD.xsd"))
    schema.assertValid(encrypted.mpd())
    schema.assertValid(signalled.mpd())


def test_the_first_frame_of_a_release_is_the_first_frame_of_its_plan(
    binaries: Binaries, tmp_path: Path
) -> None:
    """Encryption begins with the first segment, however short the title is."""
    plan = small_plan(frames=10, encrypted=True)
    short = packaged(plan, tmp_path, binaries, protection=PROTECTION)
    clear = decoded_before(tmp_path / "encoded" / "54p.mp4")
    assert decoded(short, "stream_54p", KEY.key) == clear
    assert clear[0] not in decoded(short, "stream_54p", None)
