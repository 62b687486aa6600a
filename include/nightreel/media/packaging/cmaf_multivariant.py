"""The multivariant playlist: what the packager measured of each variant, with all that the plan knows."""

from pathlib import Path

import m3u8
from m3u8.model import MediaList

from nightreel.media.packaging.alternatives import SUBTITLE_GROUP, audio_media, subtitle_media
from nightreel.media.planning.plan import Plan
from nightreel.media.source import DynamicRange
from nightreel.vocabulary import release

VERSION = 6
"""That of the media playlists, which need EXT-X-MAP (RFC 8216, section 7)."""

_VIDEO_RANGES: dict[DynamicRange, str] = {"sdr": "SDR", "pq": "PQ", "hlg": "HLG"}
_KEY, _SESSION_KEY = "#EXT-X-KEY:", "#EXT-X-SESSION-KEY:"
_FIRST_TAGS = "#EXT-X-INDEPENDENT-SEGMENTS\n"


def refine_multivariant(directory: Path, plan: Plan) -> None:
    """Put right what the packager leaves out of the multivariant playlist, or guesses.

    Every EXT-X-MEDIA is written from the plan, with LANGUAGE (Apple HLS authoring rules 4.7 and
    8.10) and one DEFAULT per group. Every variant has VIDEO-RANGE (9.16), its subtitles, and says
    that there are no closed captions within the picture. The keys of an encrypted release are
    named here as well, so that a player may fetch them early (RFC 8216, 4.3.4.5).
    """
    path = directory / release.MASTER
    playlist = m3u8.loads(path.read_text())
    playlist.version = VERSION
    playlist.media = MediaList([*audio_media(plan.audio), *subtitle_media(plan.text)])
    ranges = {release.playlist_name(item.name): _VIDEO_RANGES[item.dynamic_range] for item in plan.video}
    for variant in playlist.playlists:
        said = variant.stream_info
        said.video_range = ranges[variant.uri]
        said.closed_captions = "NONE"
        # Of a title shorter than a segment the packager's peak leaves out what its average has.
        said.bandwidth = max(said.bandwidth, said.average_bandwidth)
        groups = (said.audio, SUBTITLE_GROUP)
        variant.media = [media for media in playlist.media if media.group_id in groups]
    ranges = {
        release.iframe_playlist_name(item.name): _VIDEO_RANGES[item.dynamic_range] for item in plan.video
    }
    for variant in playlist.iframe_playlists:
        variant.iframe_stream_info.video_range = ranges[variant.uri]
    keys = _session_keys(directory / release.playlist_name(plan.video[0].name))
    path.write_text(playlist.dumps().rstrip("\n").replace(_FIRST_TAGS, _FIRST_TAGS + keys, 1) + "\n")


def _session_keys(media_playlist: Path) -> str:
    """The keys of a media playlist, for the multivariant one; all renditions have the same."""
    lines = media_playlist.read_text().splitlines()
    return "".join(f"{_SESSION_KEY}{line.removeprefix(_KEY)}\n" for line in lines if line.startswith(_KEY))
