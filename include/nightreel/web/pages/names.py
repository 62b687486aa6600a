"""How titles are named on pages: in one line, whatever their rows say."""

from typing import Protocol

from markupsafe import Markup

from nightreel.text import isolated_line, one_line, shown_name


class Named(Protocol):
    """A title as a page is given it."""

    @property
    def title(self) -> str:
        """The title's name; empty where the table has none."""

    @property
    def content_type(self) -> str:
        """As of a title."""

    @property
    def content_id(self) -> str:
        """As of a title."""


def name(title: Named) -> str:
    """For an attribute, or a heading of a window: nothing there isolates the direction of text."""
    return shown_name(title.title, title.content_type, title.content_id)


def isolated_name(title: Named) -> Markup:
    """For the page itself: what the row says, in a box that its direction does not leave."""
    shown = name(title)
    # Of a name of marks alone nothing would be seen.
    said = isolated_line(title.title) if one_line(title.title) else shown
    return Markup('<bdi class="name" title="{}">{}</bdi>').format(shown, said)
