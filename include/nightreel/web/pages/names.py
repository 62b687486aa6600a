"""Names of titles on pages: one line each, whatever their rows say."""

from typing import Protocol

from markupsafe import Markup

from nightreel.text import isolated_line, one_line, shown_name


class Named(Protocol):
    """A title for a page."""

    @property
    def title(self) -> str:
        """The title's name; empty if the table has none."""

    @property
    def content_type(self) -> str:
        """As of a title."""

    @property
    def content_id(self) -> str:
        """As of a title."""


def name(title: Named) -> str:
    """For an attribute or a window's title, where nothing isolates the direction of text."""
    return shown_name(title.title, title.content_type, title.content_id)


def isolated_name(title: Named) -> Markup:
    """For the page itself: the row's name, in an element that contains its text direction."""
    shown = name(title)
    # Nothing would be seen of a name with only direction marks.
    said = isolated_line(title.title) if one_line(title.title) else shown
    return Markup('<bdi class="name" title="{}">{}</bdi>').format(shown, said)
