"""How FFmpeg opens a source on the network that nobody vouches for, while it is watched.

A playlist names further URLs, a server redirects, and a name may resolve to the internal
network. So FFmpeg speaks plain HTTP to one proxy and to nothing else: the environment names
it, which every connection inherits, and no protocol is allowed that connects past it. Of
those, `httpproxy` would, because a playlist may name any proxy by it, and `https` needs it;
the proxy speaks TLS in FFmpeg's place.
"""

from typing import Any

import ffmpeg

from nightreel.media.programs.environment import clean_environment
from nightreel.media.programs.source_input import MOST_STREAMS

REMOTE_INPUT_OPTIONS = {
    # `crypto` decrypts segments whose playlist names a key.
    "protocol_whitelist": "http,tcp,crypto",
    "format_whitelist": "hls,mpegts,mov,matroska,aac,ac3,eac3,mp3,webvtt",
    "max_streams": str(MOST_STREAMS),
}
"""FFmpeg's options for opening a source on the network, as a dictionary."""


def remote_graph_input(url: str) -> Any:
    """The source behind an http:// URL as an input of ffmpeg-python."""
    return ffmpeg.input(url, **REMOTE_INPUT_OPTIONS)


def remote_arguments(url: str) -> list[str]:
    """The same on a command line, with the URL at the end."""
    options = [argument for name, value in REMOTE_INPUT_OPTIONS.items() for argument in (f"-{name}", value)]
    return [*options, "-i", url]


def environment_behind(proxy_url: str) -> dict[str, str]:
    """All that FFmpeg's environment holds: the proxy, and neither an exception to it nor a secret."""
    return clean_environment(http_proxy=proxy_url)
