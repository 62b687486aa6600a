import xml.etree.ElementTree as ET

import m3u8
import pytest

from nightreel.errors import ReleaseRejected
from nightreel.releases.manifests import release_of_master, release_of_mpd, stable_master, stable_mpd
from tests.releases.conftest import MASTER_TEXT, MPD_TEXT, RELEASE

MPD_NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"


def test_every_reference_of_the_playlist_points_into_the_release() -> None:
    stable = m3u8.loads(stable_master(MASTER_TEXT, RELEASE))
    assert [variant.uri for variant in stable.playlists] == [f"{RELEASE}/stream_360p.m3u8"]
    assert [medium.uri for medium in stable.media] == [f"{RELEASE}/audio_en.m3u8"]
    assert [iframes.uri for iframes in stable.iframe_playlists] == [f"{RELEASE}/iframe_360p.m3u8"]


def test_nothing_of_the_playlist_but_its_references_changes() -> None:
    assert stable_master(MASTER_TEXT, RELEASE).replace(f"{RELEASE}/", "") == MASTER_TEXT


def test_a_uri_within_another_attribute_is_no_reference() -> None:
    assert 'NAME="a,URI=",' in stable_master(MASTER_TEXT, RELEASE)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_either_line_end_is_kept(line_end: str) -> None:
    text = line_end.join(("#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1", "stream_1.m3u8", ""))
    assert stable_master(text, RELEASE) == text.replace("stream_1", f"{RELEASE}/stream_1")


def test_an_absolute_reference_of_the_playlist_stays() -> None:
    text = '#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="https://keys.example/7"\n'
    assert stable_master(text, RELEASE) == text


def test_the_release_can_be_read_back_from_the_stable_playlist() -> None:
    assert release_of_master(stable_master(MASTER_TEXT, RELEASE)) == RELEASE
    assert release_of_master(MASTER_TEXT) is None
    assert release_of_master("#EXTM3U\n") is None


def test_the_mpd_gains_the_release_as_its_first_element() -> None:
    root = ET.fromstring(stable_mpd(MPD_TEXT, RELEASE).encode())
    assert [child.tag for child in root] == [f"{MPD_NAMESPACE}BaseURL", f"{MPD_NAMESPACE}Period"]
    assert root[0].text == f"{RELEASE}/"


def test_program_information_stays_before_the_base_url() -> None:
    information = "<ProgramInformation><Title>BaseURL</Title></ProgramInformation>"
    text = MPD_TEXT.replace("<Period", f"{information}\n  <Period", 1)
    root = ET.fromstring(stable_mpd(text, RELEASE).encode())
    assert [child.tag.removeprefix(MPD_NAMESPACE) for child in root] == [
        "ProgramInformation",
        "BaseURL",
        "Period",
    ]


def test_nothing_else_of_the_mpd_changes() -> None:
    added = f"<BaseURL>{RELEASE}/</BaseURL>\n  "
    assert stable_mpd(MPD_TEXT, RELEASE).replace(added, "") == MPD_TEXT


def test_the_release_can_be_read_back_from_the_stable_mpd() -> None:
    assert release_of_mpd(stable_mpd(MPD_TEXT, RELEASE)) == RELEASE
    assert release_of_mpd(MPD_TEXT) is None


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
        stable_mpd(text, RELEASE)
    assert raised.value.code == code
