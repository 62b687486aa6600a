"""Text that others wrote, in a line of ours: in a table, a heading, a list, a log.

Names of titles, files and tracks may be empty, have thousands of characters, end the line, move the
cursor or turn the direction of the text around them (Unicode, UAX 9).
"""

NAME_LENGTH = 200
"""How many characters of a name are shown within other text."""

_JOINERS = "\u200c\u200d"
"""Invisible, but part of how some languages and emoji are written."""
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CUT = "…"


def one_line(text: str, longest: int = NAME_LENGTH) -> str:
    """The text in one line of at most `longest` characters; `…` stands for what was cut off.

    Line breaks and spaces of any kind become a space. What cannot be seen is left out: control characters,
    and marks that turn the direction of text.
    """
    return _cut(_spaced("".join(c for c in text if c.isspace() or _is_shown(c))), longest)


def isolated_line(text: str) -> str:
    """As `one_line`, but with direction marks, for HTML's `bdi`, which contains their effect."""
    kept = "".join(c for c in text if c.isspace() or _is_shown(c) or c in _TURNING)
    return _cut(_spaced(kept), NAME_LENGTH)


def shown_name(name: str, content_type: str, content_id: str) -> str:
    """A title's name in one line; `movie 7` if nothing of the name can be seen."""
    return one_line(name) or one_line(f"{content_type} {content_id}")


def escaped(text: str, longest: int) -> str:
    r"""The text in one line; escapes such as `\n` and `\u202e` stand for what cannot be seen."""
    line = "".join(c if _is_shown(c) else ascii(c)[1:-1] for c in text[:longest])
    return line if len(text) <= longest else line + _CUT


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _cut(line: str, longest: int) -> str:
    return line if len(line) <= longest else line[: longest - 1].rstrip() + _CUT


def _is_shown(character: str) -> bool:
    return character.isprintable() or character in _JOINERS
