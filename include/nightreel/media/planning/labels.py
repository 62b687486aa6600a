"""Names of tracks, fit for playlists and for viewers."""

import re
from collections.abc import Sequence
from itertools import chain, count

from nightreel.media.inspection.languages import language_name
from nightreel.media.source import AudioStream, TextStream
from nightreel.text import one_line

_LONGEST = 64
_SYNTAX = re.compile('[",=]')
_TAG = re.compile("#+EXT")


def labels(streams: Sequence[AudioStream | TextStream], nameless: str) -> list[str]:
    """A name for each track, all different, as those of one group must be (RFC 8216, 4.3.4.1.1).

    It is the source's own title, or else the language's name, or else `nameless`.
    """
    named: list[str] = []
    for stream in streams:
        wanted = _quotable(stream.title) or _quotable(language_name(stream.language)) or nameless
        numbered = (f"{wanted} {number}" for number in count(2))
        named.append(next(label for label in chain([wanted], numbered) if label not in named))
    return named


def _quotable(text: str) -> str:
    # NAME is a quoted string of a playlist line: no quotes, no line breaks (RFC 8216, 4.2);
    # commas and equals signs separate the fields of the packager's command line. Parsers search for
    # tags also within strings: m3u8 takes an #EXT-X-MEDIA: out of a name.
    return one_line(_TAG.sub("EXT", one_line(_SYNTAX.sub("", text), len(text) + 1)), _LONGEST)
