"""Languages of tracks: their tags for players, and their names for viewers (Unicode CLDR)."""

import re

from babel import Locale, UnknownLocaleError
from babel.core import get_global

UNKNOWN = "und"

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<extended>[a-z]{3})){0,3}(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})){0,4})"
    # Extensions and private subtags are about sorting or writing, and mean nothing to a viewer.
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)
_VARIANTS = re.compile(r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))+$")
_LONGEST_TAG = 255


def language_tag(said: str) -> str:
    """The BCP 47 tag for what a source says: `en` for `eng`, `de` for `ger`, `pt-BR` for `pt_br`.

    `und` if it says nothing, or no valid tag. Extensions are dropped.
    """
    found = _TAG.fullmatch(said[:_LONGEST_TAG].strip().replace("_", "-"))
    if found is None:
        return UNKNOWN
    # RFC 5646, 4.5: an extended language subtag is used instead of the language that it extends.
    language = found["extended"] or found["language"]
    # RFC 5646, 2.1.1: script in title case, region in capitals, everything else in small letters.
    parts = [_shortest(language.lower()), (found["script"] or "").title(), (found["region"] or "").upper()]
    return "-".join(part for part in parts if part) + found["variants"].lower()


def _shortest(language: str) -> str:
    # RFC 5646, section 2.2.1: a language's shortest code is to be used. CLDR's aliases
    # also map a language to another one in a region, which says more than the source does.
    alias: str = get_global("language_aliases").get(language, language)
    return language if "_" in alias else alias


def language_name(tag: str) -> str:
    """What its speakers call the language, as RFC 8216 (4.3.4.1) requires of a NAME: `Français`.

    In English if that is not known; empty for `und`, and if there is no name at all.
    """
    if tag == UNKNOWN:
        return ""
    name = _own_name(tag) or Locale("en").languages.get(tag.partition("-")[0], "")
    return name[:1].upper() + name[1:]


def _own_name(tag: str) -> str:
    try:
        return Locale.parse(_VARIANTS.sub("", tag), sep="-").get_display_name() or ""
    except (UnknownLocaleError, ValueError):
        return ""
