"""A page as a test reads it."""

from dataclasses import dataclass

from lxml import html

_LINKS = ("href", "src", "action", "poster", "data-src")


@dataclass(frozen=True)
class Html:
    """A parsed page."""

    root: html.HtmlElement

    @classmethod
    def of(cls, text: str) -> "Html":
        return cls(html.document_fromstring(text))

    def texts(self, path: str) -> list[str]:
        """The words of the elements, with their white space tidied."""
        return [" ".join(each.text_content().split()) for each in self.root.xpath(path)]

    def links(self) -> list[str]:
        return [
            value for each in self.root.iter() for name in _LINKS if (value := each.get(name)) is not None
        ]

    def inline(self) -> list[str]:
        """Scripts and styles that stand in the page itself."""
        found = [each.tag for each in self.root.xpath("//script[not(@src)] | //style")]
        return found + [
            f"{each.tag} {name}"
            for each in self.root.iter()
            for name in each.attrib
            if name == "style" or name.startswith("on")
        ]

    def row(self, key: str) -> "Html":
        (found,) = self.root.xpath("//li[@data-key=$key]", key=key)
        return Html(found)
