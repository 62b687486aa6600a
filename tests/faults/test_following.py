"""What manifests name is found as players find it."""

from tests.faults.following import folder_of_dash, follow_dash, follow_hls

BASE = "http://cdn/hls/movies/1/"
MASTER = """#EXTM3U
#EXT-X-SESSION-DATA:DATA-ID="x",URI="r/thumbnails.vtt"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="und",URI="r/a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"
r/v.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="../1/r/i.m3u8"
"""
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="v_init.mp4"
#EXTINF:2,
v_0.m4s
#EXTINF:1,
v_1.m4s
"""
IFRAMES = "#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n#EXTINF:9,\nv_0.m4s\n"
MPD = """<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT0M3.5S">
<BaseURL>r/</BaseURL><Period>
<AdaptationSet>
  <SegmentTemplate timescale="10" startNumber="0" initialization="$RepresentationID$_init.mp4"
    media="$RepresentationID$_$Number%03d$.m4s">
    <SegmentTimeline><S t="0" d="10" r="2"/><S d="5"/></SegmentTimeline>
  </SegmentTemplate><Representation id="v"/>
</AdaptationSet>
<AdaptationSet><SegmentTemplate duration="2" media="a_$Number$.m4s"/><Representation id="a"/></AdaptationSet>
<AdaptationSet><Representation id="subs"><BaseURL>subs.vtt</BaseURL></Representation></AdaptationSet>
</Period></MPD>"""


def test_a_playlist_leads_to_every_file_that_its_media_playlists_name() -> None:
    texts = {f"{BASE}r/v.m3u8": MEDIA, f"{BASE}r/i.m3u8": IFRAMES}
    followed = follow_hls(f"{BASE}master.m3u8", MASTER, texts.get)
    assert {each.removeprefix(f"{BASE}r/") for each in followed.segments} == {
        "v_init.mp4",
        "v_0.m4s",
        "v_1.m4s",
    }
    assert {each.removeprefix(f"{BASE}r/") for each in followed.files - followed.segments} == {
        *("v.m3u8", "a.m3u8", "i.m3u8", "thumbnails.vtt")
    }
    assert followed.seconds == 3


def test_an_mpd_leads_to_every_segment_of_its_timelines_templates_and_files() -> None:
    followed = follow_dash(f"{BASE}manifest.mpd", MPD)
    assert {each.removeprefix(f"{BASE}r/") for each in followed.segments} == {
        *("v_init.mp4", "v_000.m4s", "v_001.m4s", "v_002.m4s", "v_003.m4s"),
        *("a_1.m4s", "a_2.m4s", "subs.vtt"),
    }
    assert followed.seconds == 3.5


def test_an_mpd_says_the_folder_that_it_is_written_for() -> None:
    assert folder_of_dash(f"{BASE}manifest.mpd", MPD) == f"{BASE}r/"
    assert folder_of_dash(f"{BASE}manifest.mpd", "<MPD><Period/></MPD>") is None
