"""The names of runs, and of what one run keeps in its work area."""

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.release import valid_release_id
from nightreel.vocabulary.title import Title

SOURCE = "source.mp4"
PROBE = "probe.json"
PLAN = "plan.json"
SCOPE = "scope.json"
RELEASE = "release"
"""The manifests of the release, that name its files as if all were beside them, and the stills."""
MANIFESTS = "manifests"
"""Those of the release that was judged, as they are uploaded, and its `release.json`."""


def encoded_name(rendition: str) -> str:
    """Where the work area keeps an encoded rendition: an MP4, or a WebVTT file for subtitles."""
    return f"encoded/{rendition}.{'vtt' if rendition.startswith('subs_') else 'mp4'}"


def copied_name(rendition: str) -> str:
    """Where the work area keeps a rendition that was copied from the source, not encoded: an MP4."""
    return f"encoded/{rendition}.copied.mp4"


def refused_name(rendition: str) -> str:
    """Where the work area keeps why a rendition could not be copied, and is encoded instead: a sentence."""
    return f"encoded/{rendition}.refused.txt"


def encoder_name(rendition: str) -> str:
    """Where the work area keeps which encoder made a rendition of the picture."""
    return f"encoded/{rendition}.json"


def quality_name(rendition: str) -> str:
    """Where the work area keeps how close a rendition of the picture is to its source."""
    return f"encoded/{rendition}.quality.json"


def rate_name(rendition: str) -> str:
    """Where the work area keeps with which quality a rendition of the picture is encoded."""
    return f"encoded/{rendition}.rate.json"


def packaged_name(rendition: str) -> str:
    """Where a rendition's segments and playlists are written, before they are uploaded."""
    return f"packaged/{rendition}"


def track_name(rendition: str) -> str:
    """Where the work area keeps the record of a rendition's track, once the bucket has the track."""
    return f"tracks/{rendition}.json"


def stills_name(rendition: str) -> str:
    """Where the work area keeps the stills that are cut from a rendition."""
    return f"stills/{rendition}"


def run_key(title: Title, release: str) -> str:
    """`movie/7/20261121T010000-0a1b2c3d`: the name of the run that makes this release."""
    if not valid_release_id(release):
        raise ConfigurationError(f"malformed release id {release!r}")
    return f"{title.content_type}/{title.content_id}/{release}"


def parse_run_key(run: str) -> tuple[Title, str]:
    """The title and the release of a run. Raises ConfigurationError for any other text."""
    parts = run.split("/")
    if len(parts) != 3:
        raise ConfigurationError(
            f"{run!r} does not name a run: it must be <content type>/<content id>/<release>"
        )
    title = Title(parts[0], parts[1])
    run_key(title, parts[2])
    return title, parts[2]


def folder_of(run: str) -> str:
    """The folder of a run. No part of a run key has a dot."""
    return run.replace("/", ".")


def run_in(folder: str) -> str:
    """The run that a folder belongs to, if it is a run's at all."""
    return folder.replace(".", "/")
