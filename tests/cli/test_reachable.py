from collections.abc import Callable

import pytest

from nightreel.cli.reachable import silences
from nightreel.storage.bucket import Bucket

MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,URI="r/audio_en.m3u8",GROUP-ID="audio",LANGUAGE="en",NAME="en"
#EXT-X-STREAM-INF:BANDWIDTH=928000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"
r/stream_360p.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS="avc1.64001e",URI="r/iframe_360p.m3u8"
"""
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-MAP:URI="{stem}_init.mp4"
#EXTINF:6.0,
{stem}_000.m4s
#EXTINF:6.0,
{stem}_001.m4s
#EXT-X-ENDLIST
"""
MPD = """<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>r/</BaseURL><Period>
<AdaptationSet><SegmentTemplate startNumber="0"/>
<Representation id="7"><SegmentTemplate initialization="stream_360p_init.mp4" media="dash_$Number%03d$.m4s"/>
</Representation></AdaptationSet>
<AdaptationSet>
<SegmentTemplate initialization="$RepresentationID$_init.mp4" media="$RepresentationID$_$Number$.m4s"/>
<Representation id="audio_en"/></AdaptationSet>
</Period></MPD>
"""


@pytest.fixture
def put(bucket: Bucket) -> Callable[[str, str], None]:
    return lambda name, text: bucket.put_bytes(f"t/{name}", text.encode(), "text/plain", "no-store")


@pytest.fixture
def heard(bucket: Bucket, put: Callable[[str, str], None]) -> Callable[[], list[str]]:
    """The silences of a published stream, by file: of everything a player needs first, nothing else."""
    put("master.m3u8", MASTER)
    put("manifest.mpd", MPD)
    for playlist, stem in (
        ("audio_en", "audio_en"),
        ("stream_360p", "stream_360p"),
        ("iframe_360p", "stream_360p"),
    ):
        put(f"r/{playlist}.m3u8", MEDIA.format(stem=stem))
        put(f"r/{stem}_init.mp4", "init")
        put(f"r/{stem}_000.m4s", "media")
    put("r/dash_000.m4s", "media")
    put("r/audio_en_1.m4s", "media")
    folder = bucket.public_url_of("t/")

    def listen() -> list[str]:
        return [
            each.removeprefix(folder) for each in silences(f"{folder}master.m3u8", f"{folder}manifest.mpd")
        ]

    return listen


def test_a_stream_that_answers_has_no_silences(heard: Callable[[], list[str]]) -> None:
    assert heard() == []


@pytest.mark.parametrize(
    "name",
    [
        "master.m3u8",
        "manifest.mpd",
        "r/audio_en.m3u8",
        "r/iframe_360p.m3u8",
        "r/audio_en_init.mp4",
        "r/audio_en_000.m4s",
        "r/dash_000.m4s",
        "r/audio_en_1.m4s",
    ],
)
def test_each_file_that_a_player_begins_with_is_missed(
    heard: Callable[[], list[str]], bucket: Bucket, name: str
) -> None:
    bucket.delete([f"t/{name}"])
    assert set(heard()) == {f"{name} answers 404"}


def test_an_empty_segment_is_a_silence(
    heard: Callable[[], list[str]], put: Callable[[str, str], None]
) -> None:
    put("r/audio_en_000.m4s", "")
    assert heard() == ["r/audio_en_000.m4s is empty"]


def test_manifests_that_list_nothing_are_silences(
    heard: Callable[[], list[str]], put: Callable[[str, str], None]
) -> None:
    put("master.m3u8", "#EXTM3U\n")
    put("manifest.mpd", "<MPD/>")
    assert heard() == ["master.m3u8 lists no playlist", "manifest.mpd lists no segment"]


def test_a_host_that_is_away_is_a_silence() -> None:
    first, second = silences("http://127.0.0.1:1/a", "http://127.0.0.1:1/b")
    assert first == "http://127.0.0.1:1/a does not answer (ConnectError)"
    assert second == "http://127.0.0.1:1/b does not answer (ConnectError)"
