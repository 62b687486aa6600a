"""Where a title's stable manifests, releases and tracks are in the bucket.

```
hls/movies/123/master.m3u8  manifest.mpd                                   the stable manifests
hls/movies/123/releases/<release>/master.m3u8  manifest.mpd  release.json  over ../../tracks/…
hls/movies/123/tracks/<track>/stream_360p.m3u8  stream_360p_000.m4s …      a rendition, or the stills
```

Releases from before have no tracks: all of theirs is in `hls/movies/123/<release>/`.
"""

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.release import MASTER, MPD, POSTER, valid_release_id
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, track_id, valid_track_id

RELEASES = "hls/"
"""Below it, by content type and title: the stable manifests, the releases and the tracks."""

RELEASES_FOLDER = "releases"
TRACKS_FOLDER = "tracks"


def title_of_prefix(prefix: str) -> Title | None:
    """The title whose `title_prefix` this is; None for any other prefix."""
    parts = prefix.removeprefix(RELEASES).split("/")
    try:
        title = Title(parts[0].removesuffix("s"), parts[1])
    except (ConfigurationError, IndexError):
        return None
    return title if title_prefix(title) == prefix else None


def title_prefix(title: Title) -> str:
    """`hls/movies/123/`: where a title's stable manifests, releases and tracks live."""
    return f"{RELEASES}{title.folder}"


def releases_prefix(title: Title) -> str:
    """`hls/movies/123/releases/`."""
    return f"{title_prefix(title)}{RELEASES_FOLDER}/"


def tracks_prefix(title: Title) -> str:
    """`hls/movies/123/tracks/`."""
    return f"{title_prefix(title)}{TRACKS_FOLDER}/"


def release_prefix(title: Title, release: str) -> str:
    """`hls/movies/123/releases/<release>/`: its manifests. Raises ValueError for a malformed release id."""
    return f"{releases_prefix(title)}{_checked(release)}/"


def track_prefix(title: Title, track: str) -> str:
    """`hls/movies/123/tracks/<track>/`: its segments and playlists. Raises ValueError for a malformed id."""
    if not valid_track_id(track):
        raise ValueError(f"malformed track id {track!r}")
    return f"{tracks_prefix(title)}{track}/"


def flat_prefix(title: Title, release: str) -> str:
    """`hls/movies/123/<release>/`: everything of a release that was made before there were tracks.

    Raises ValueError for a malformed release id.
    """
    return f"{title_prefix(title)}{_checked(release)}/"


def _checked(release: str) -> str:
    if not valid_release_id(release):
        raise ValueError(f"malformed release id {release!r}")
    return release


def longest_urls(public_url: str, title: Title) -> dict[str, str]:
    """URLs as long as those that a published title gets, by the role of their column."""
    base, stills = f"{public_url}/", track_id(STILLS, "20260101T000000-00000000")
    return {
        "hls_url": base + title_prefix(title) + MASTER,
        "dash_url": base + title_prefix(title) + MPD,
        "thumbnail_url": base + track_prefix(title, stills) + POSTER,
    }
