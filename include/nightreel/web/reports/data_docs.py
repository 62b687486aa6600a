"""Makes Great Expectations' pages work from one origin.

As generated, they load scripts and styles from seven hosts on the internet, some without a fixed version,
and a logo whose address has an id of the data context. Served by Nightreel, they get the few parts that
they need from here, also without internet.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

_OUR_STYLES = "data-docs.css"
# By the last part of their address. The others are for charts, filters and a dark theme, which these
# reports do not have. Icons and fonts are in _OUR_STYLES.
_BUNDLED = {
    "bootstrap.min.css": "bootstrap.min.css",
    "bootstrap.min.js": "bootstrap.bundle.min.js",
    "jquery-3.7.1.min.js": "jquery.min.js",
    "bootstrap-table.min.css": "bootstrap-table.min.css",
    "bootstrap-table.min.js": "bootstrap-table.min.js",
}
_STYLE = re.compile(r'<link\b[^>]*\bhref="(?P<url>https?://[^"]+)"[^>]*>')
_SCRIPT = re.compile(r'<script\b[^>]*\bsrc="(?P<url>https?://[^"]+)"[^>]*>\s*</script>')
_PICTURE = re.compile(r'<img\b[^>]*\bsrc="https?://[^>]*>')


def self_contained(page: str, assets: str) -> str:
    """The page, with everything from other hosts replaced by files below `assets`, or left out.

    `assets` is a path that ends with a slash.
    """
    page = _STYLE.sub(_replacement('<link rel="stylesheet" href="{}">', assets), page)
    page = _SCRIPT.sub(_replacement('<script src="{}"></script>', assets), page)
    page = _PICTURE.sub("", page)
    return page.replace("</head>", f'<link rel="stylesheet" href="{assets}{_OUR_STYLES}"></head>', 1)


def _replacement(tag: str, assets: str) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        bundled = _BUNDLED.get(urlsplit(found["url"]).path.rpartition("/")[2])
        return tag.format(assets + bundled) if bundled else ""

    return replace
