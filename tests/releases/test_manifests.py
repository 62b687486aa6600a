import xml.etree.ElementTree as ET
from urllib.parse import urljoin

import m3u8
import pytest

from nightreel.errors import ReleaseRejected
from nightreel.releases.manifests import (
    folder_of_master,
    release_of_master,
    release_of_mpd,
    stable_manifests,
    stable_master,
    stable_mpd,
)
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.releases.conftest import MASTER_TEXT, MPD_TEXT, RELEASE, Finished
from tests.releases.followed import named_by

MPD_NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"
FOLDER = f"releases/{RELEASE}/"
FLAT_FOLDER = f"{RELEASE}/"
SAID = f'#EXT-X-SESSION-DATA:DATA-ID="org.nightreel.release",VALUE="{RELEASE}"\n'


@pytest.fixture
def own(finished: Finished) -> dict[str, str]:
    """The release's own manifests, as its folder in the bucket has them."""
    return {name: (finished.manifests / name).read_text("utf-8") for name in (MASTER, MPD)}


def test_every_reference_of_the_stable_manifests_is_a_key_of_the_release(
    own: dict[str, str], manifest: ReleaseManifest, title: Title
) -> None:
    stable = stable_manifests(RELEASE, FOLDER, own[MASTER], own[MPD])
    keys = {manifest.key_of(file.name) for file in manifest.files}
    for name, text in stable.items():
        seen = set(named_by(title_prefix(title) + name, text))
        assert seen
        assert seen <= keys


def test_a_title_and_a_release_lead_to_the_same_files(
    own: dict[str, str], manifest: ReleaseManifest, title: Title
) -> None:
    stable = stable_manifests(RELEASE, FOLDER, own[MASTER], own[MPD])
    for name, text in stable.items():
        assert named_by(title_prefix(title) + name, text) == named_by(manifest.key_of(name), own[name])


def test_every_reference_of_the_playlist_points_to_a_track(own: dict[str, str]) -> None:
    stable = m3u8.loads(stable_master(own[MASTER], RELEASE, FOLDER))
    assert [variant.uri for variant in stable.playlists] == [f"tracks/360p-{RELEASE}/stream_360p.m3u8"]
    assert [medium.uri for medium in stable.media] == [f"tracks/audio_en-{RELEASE}/audio_en.m3u8"]
    assert [iframes.uri for iframes in stable.iframe_playlists] == [f"tracks/360p-{RELEASE}/iframe_360p.m3u8"]


def test_every_reference_of_a_flat_releases_playlist_points_into_the_release() -> None:
    stable = m3u8.loads(stable_master(MASTER_TEXT, RELEASE, FLAT_FOLDER))
    assert [variant.uri for variant in stable.playlists] == [f"{RELEASE}/stream_360p.m3u8"]
    assert [medium.uri for medium in stable.media] == [f"{RELEASE}/audio_en.m3u8"]
    assert [iframes.uri for iframes in stable.iframe_playlists] == [f"{RELEASE}/iframe_360p.m3u8"]


def test_nothing_of_the_playlist_but_its_references_changes(own: dict[str, str]) -> None:
    assert stable_master(MASTER_TEXT, RELEASE, FLAT_FOLDER).replace(FLAT_FOLDER, "") == MASTER_TEXT
    stable = stable_master(own[MASTER], RELEASE, FOLDER)
    assert stable.replace(SAID, "").replace("tracks/", "../../tracks/") == own[MASTER]


def test_session_data_says_at_the_top_which_release_it_is(own: dict[str, str]) -> None:
    text = stable_master(own[MASTER], RELEASE, FOLDER)
    assert text.startswith(f"#EXTM3U\n{SAID}#EXT-X-VERSION:6\n")
    (said,) = m3u8.loads(text).session_data
    assert (said.data_id, said.value) == ("org.nightreel.release", RELEASE)


def test_a_uri_within_another_attribute_is_no_reference(own: dict[str, str]) -> None:
    assert 'NAME="a,URI=",' in stable_master(MASTER_TEXT, RELEASE, FLAT_FOLDER)
    assert 'NAME="a,URI=",' in stable_master(own[MASTER], RELEASE, FOLDER)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_either_line_end_is_kept(line_end: str) -> None:
    text = line_end.join(("#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1", "stream_1.m3u8", ""))
    expected = text.replace("stream_1", f"{RELEASE}/stream_1")
    assert stable_master(text, RELEASE, FLAT_FOLDER) == expected


@pytest.mark.parametrize("address", ["https://keys.example/7", "skd://7", "//keys.example/7", "/keys/7"])
def test_an_absolute_reference_of_the_playlist_stays(address: str) -> None:
    text = f'#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="{address}"\n'
    assert stable_master(text, RELEASE, FLAT_FOLDER) == text
    assert stable_master(text, RELEASE, FOLDER).replace(SAID, "") == text


def test_the_release_can_be_read_back_from_the_stable_playlist(own: dict[str, str]) -> None:
    for text, folder in ((own[MASTER], FOLDER), (MASTER_TEXT, FLAT_FOLDER)):
        stable = stable_master(text, RELEASE, folder)
        assert release_of_master(stable) == RELEASE
        assert folder_of_master(stable) == folder


@pytest.mark.parametrize(
    "text",
    [
        MASTER_TEXT,
        "#EXTM3U\n",
        "#EXTM3U\n" + SAID.replace(RELEASE, "../.."),
        "#EXTM3U\n" + SAID.replace(RELEASE, ""),
        f"#EXTM3U\ntracks/360p-{RELEASE}/stream_360p.m3u8\n",
    ],
)
def test_a_playlist_that_leads_to_no_release_says_so(text: str) -> None:
    assert release_of_master(text) is None
    assert folder_of_master(text) is None


def test_a_releases_own_playlist_is_no_stable_one(own: dict[str, str]) -> None:
    assert release_of_master(own[MASTER]) is None


@pytest.mark.parametrize("folder", [FOLDER, FLAT_FOLDER])
def test_the_mpd_gains_the_release_as_its_first_element(folder: str) -> None:
    root = ET.fromstring(stable_mpd(MPD_TEXT, folder).encode())
    assert [child.tag for child in root] == [f"{MPD_NAMESPACE}BaseURL", f"{MPD_NAMESPACE}Period"]
    assert root[0].text == folder


def test_the_references_of_a_releases_mpd_are_seen_from_where_its_base_url_leads(
    own: dict[str, str], title: Title
) -> None:
    root = ET.fromstring(stable_mpd(own[MPD], FOLDER).encode())
    base = urljoin(title_prefix(title) + MPD, root.findtext(f"{MPD_NAMESPACE}BaseURL"))
    templates = list(root.iter(f"{MPD_NAMESPACE}SegmentTemplate"))
    assert [urljoin(base, template.get("initialization")) for template in templates] == [
        f"{title_prefix(title)}tracks/360p-{RELEASE}/stream_360p_init.mp4",
        f"{title_prefix(title)}tracks/audio_en-{RELEASE}/audio_en_init.mp4",
    ]


def test_program_information_stays_before_the_base_url() -> None:
    information = "<ProgramInformation><Title>BaseURL</Title></ProgramInformation>"
    text = MPD_TEXT.replace("<Period", f"{information}\n  <Period", 1)
    root = ET.fromstring(stable_mpd(text, FOLDER).encode())
    assert [child.tag.removeprefix(MPD_NAMESPACE) for child in root] == [
        "ProgramInformation",
        "BaseURL",
        "Period",
    ]


@pytest.mark.parametrize("folder", [FOLDER, FLAT_FOLDER])
def test_nothing_else_of_the_mpd_changes(folder: str) -> None:
    added = f"<BaseURL>{folder}</BaseURL>\n  "
    assert stable_mpd(MPD_TEXT, folder).replace(added, "") == MPD_TEXT


@pytest.mark.parametrize("folder", [FOLDER, FLAT_FOLDER])
def test_the_release_can_be_read_back_from_the_stable_mpd(folder: str) -> None:
    assert release_of_mpd(stable_mpd(MPD_TEXT, folder)) == RELEASE
    assert release_of_mpd(MPD_TEXT) is None


@pytest.mark.parametrize(
    "base", ["", "releases", "..", f"tracks/360p-{RELEASE}", f"releases/releases/{RELEASE}", f"../{RELEASE}"]
)
def test_an_mpd_that_leads_to_no_release_says_so(base: str) -> None:
    assert release_of_mpd(MPD_TEXT.replace("<Period", f"<BaseURL>{base}/</BaseURL><Period", 1)) is None


def test_a_release_for_hls_alone_has_no_stable_mpd(own: dict[str, str]) -> None:
    assert set(stable_manifests(RELEASE, FOLDER, own[MASTER], None)) == {MASTER}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "mpd_malformed"),
        ("<html/>", "mpd_malformed"),
        ('<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', "mpd_malformed"),
        (MPD_TEXT.replace("<Period", "<BaseURL>x/</BaseURL><Period", 1), "mpd_base_url"),
    ],
)
def test_an_mpd_that_cannot_be_pointed_elsewhere_is_rejected(text: str, code: str) -> None:
    with pytest.raises(ReleaseRejected) as raised:
        stable_mpd(text, FOLDER)
    assert raised.value.code == code
