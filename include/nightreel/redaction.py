"""URLs as they may be shown: a query may hold a signature, what stands before an @ a password.

Only the catalog holds a source's whole URL. Everywhere else (errors, logs, XComs, reports, pages,
events) it stands as this module shows it.
"""

import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"(\[[^\]\s]*\]|[^\s@:/?#\[\]]*)(:[0-9]*)?")
_USER_INFO = re.compile(r"/*[^/]*:[^/]*@")
_BEGINS_QUERY = re.compile(r"[?#]|%3f|%23", re.IGNORECASE)
"""Also escaped, as an S3 client writes a key that was meant to be a URL."""
_URL_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")
_LEFT_OUT = "…"


def shown_url(url: str) -> str:
    """The URL, or the key of an object, without query, fragment, user and password."""
    plain = _BEGINS_QUERY.split(url.strip(), maxsplit=1)[0]
    scheme = _SCHEME.match(plain)
    if scheme is None:
        return _USER_INFO.sub("", plain, count=1)
    rest = plain[scheme.end() :]
    if _HOST.fullmatch(rest.partition("/")[0]):
        return plain
    # A user and a password, which may hold a slash or, cut off above, a question mark.
    return f"{scheme[0]}{rest.rpartition('@')[2] if '@' in rest else _LEFT_OUT}"


def redacted(text: str) -> str:
    """A text, as of a library's error, with every URL in it as `shown_url` has it."""
    return _URL_IN_TEXT.sub(lambda url: shown_url(url[0]), text)
