"""The names of what one run keeps in its work area."""

SOURCE = "source.mp4"
PROBE = "probe.json"
PLAN = "plan.json"
RELEASE = "release"
RELEASE_MANIFEST = "manifest.json"
"""Of the release that was judged: written by validate, uploaded last."""


def encoded_name(rendition: str) -> str:
    """Where the work area keeps an encoded rendition: an MP4, or a WebVTT file for subtitles."""
    return f"encoded/{rendition}.{'vtt' if rendition.startswith('subs_') else 'mp4'}"


def encoder_name(rendition: str) -> str:
    """Where the work area keeps which encoder made a rendition of the picture."""
    return f"encoded/{rendition}.json"


def quality_name(rendition: str) -> str:
    """Where the work area keeps how near a rendition of the picture is to its source."""
    return f"encoded/{rendition}.quality.json"
