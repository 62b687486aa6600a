"""URLs without secrets: a query may be a signature, and a password may stand before an @.

Only the catalog has the whole URL of a source. Everywhere else (errors, logs, XComs, reports, pages,
events) it is shown as this module writes it.
"""

import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"(\[[^\]\s]*\]|[^\s@:/?#\[\]]*)(:[0-9]*)?")
_USER_INFO = re.compile(r"/*[^/]*:[^/]*@")
_BEGINS_QUERY = re.compile(r"[?#]|%3f|%23", re.IGNORECASE)
"""Also escaped, because an S3 client escapes a key that was meant to be a URL."""
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
    # User and password may have a slash in them or, cut off above, a question mark.
    return f"{scheme[0]}{rest.rpartition('@')[2] if '@' in rest else _LEFT_OUT}"


def redacted(text: str) -> str:
    """A text, such as a library's error, with every URL in it as `shown_url` writes it."""
    return _URL_IN_TEXT.sub(lambda url: shown_url(url[0]), text)
