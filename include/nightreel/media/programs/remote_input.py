"""How FFmpeg opens an untrusted source on the network while somebody watches.

A playlist may name further URLs, a server may redirect, and a name may resolve to the internal network.
So FFmpeg uses only plain HTTP to one proxy. The environment names the proxy, which every connection
inherits, and no protocol is allowed that bypasses it. That excludes `httpproxy`, with which a playlist may
name any proxy, and `https`, which needs it. The proxy does TLS in FFmpeg's place.
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
    """The same for a command line, with the URL at the end."""
    options = [argument for name, value in REMOTE_INPUT_OPTIONS.items() for argument in (f"-{name}", value)]
    return [*options, "-i", url]


def environment_behind(proxy_url: str) -> dict[str, str]:
    """FFmpeg's whole environment: the proxy, without exceptions to it and without secrets."""
    return clean_environment(http_proxy=proxy_url)
