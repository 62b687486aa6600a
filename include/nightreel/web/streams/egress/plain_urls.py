"""https URLs as FFmpeg sees them: plain HTTP with a host name that does not exist.

FFmpeg does no TLS (see `nightreel.media.programs.remote_input`). So it is given
`http://media.example.com.tls.invalid:443/a.m3u8` and requests that from the relay, which turns it back
into https://media.example.com/a.m3u8. Nobody can own a name below `.invalid` (RFC 6761 section 6.4).
Relative references lead to the same host, as they should.
"""

import re
from urllib.parse import urlsplit

_MARK = ".tls.invalid"
_HTTPS_PORT = 443
_IN_TEXT = re.compile(rb"https://([A-Za-z0-9.-]+)(:[0-9]{1,5})?")
_PLAIN_IN_TEXT = re.compile(r"http://([A-Za-z0-9.-]+)\.tls\.invalid(?::443(?![0-9]))?")


def plain(url: str) -> str:
    """The URL for FFmpeg. An http URL stays unchanged."""
    return plain_playlist(url.encode()).decode() if url.startswith("https://") else url


def plain_playlist(text: bytes) -> bytes:
    """The text with all its https URLs made plain. FFmpeg refuses URLs in other spellings."""
    return _IN_TEXT.sub(_plain_origin, text)


def _plain_origin(origin: re.Match[bytes]) -> bytes:
    return b"http://%b%b%b" % (origin[1], _MARK.encode(), origin[2] or b":%d" % _HTTPS_PORT)


def real(url: str) -> str:
    """The real URL behind one for FFmpeg. Raises ValueError for a malformed one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.endswith(_MARK):
        return url
    port = "" if parts.port in (None, _HTTPS_PORT) else f":{parts.port}"
    # urlunsplit would lose a question mark with nothing behind it.
    rest = url.partition("://")[2].removeprefix(parts.netloc)
    return f"https://{host.removesuffix(_MARK)}{port}{rest}"


def as_named(text: str) -> str:
    """FFmpeg's message about its source, with the https URLs that people know."""
    return _PLAIN_IN_TEXT.sub(r"https://\1", text)
