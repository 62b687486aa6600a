"""The stable manifests of a title: the release's own, with every reference into the release.

Pure text in, text out. A release is flat, so each relative reference gains the same
prefix; absolute ones (a key server's, say) stay as they are.
"""

import re
from xml.parsers import expat

from nightreel.errors import ReleaseRejected
from nightreel.vocabulary.release import valid_release_id

_MPD_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_URI_TAGS = (
    "#EXT-X-MEDIA:",
    "#EXT-X-I-FRAME-STREAM-INF:",
    "#EXT-X-SESSION-DATA:",
    "#EXT-X-SESSION-KEY:",
)
# Matches a whole attribute, so that `URI=` within another attribute's quotes is passed over.
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
_BASE_URL = re.compile(r"<BaseURL>([^<]*)/</BaseURL>")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")


def stable_master(text: str, release: str) -> str:
    """The multivariant playlist with every URI below `<release>/` (RFC 8216, section 4.3.4)."""

    def line_below(line: str) -> str:
        if line.startswith(_URI_TAGS):
            tag, _, attributes = line.partition(":")
            return f"{tag}:{_ATTRIBUTE.sub(attribute_below, attributes)}"
        if not line.strip() or line.startswith("#"):
            return line
        return _below(line, release)

    def attribute_below(match: re.Match[str]) -> str:
        name, value = match.groups()
        return f'URI="{_below(value[1:-1], release)}"' if name == "URI" else match[0]

    return "\n".join(line_below(line) for line in text.split("\n"))


def release_of_master(text: str) -> str | None:
    """The release that a stable multivariant playlist points to; None if to none."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            release = line.partition("/")[0]
            return release if valid_release_id(release) else None
    return None


def stable_mpd(text: str, release: str) -> str:
    """The MPD with `<BaseURL><release>/</BaseURL>` at its top level.

    ISO/IEC 23009-1 wants BaseURL after ProgramInformation and before all else. Raises
    ReleaseRejected when the text is no MPD, or has a BaseURL there already: two would be
    alternatives to each other.
    """
    content = text.encode()
    name, offset = _first_child(content)
    if name == f"{_MPD_NAMESPACE} BaseURL":
        raise ReleaseRejected("mpd_base_url", "the DASH manifest has a BaseURL of its own at its top level")
    base = f"<BaseURL>{release}/</BaseURL>\n  ".encode()
    return (content[:offset] + base + content[offset:]).decode()


def release_of_mpd(text: str) -> str | None:
    """The release that a stable MPD points to; None if to none."""
    found = _BASE_URL.search(text)
    return found[1] if found and valid_release_id(found[1]) else None


def _first_child(content: bytes) -> tuple[str, int]:
    """Name and byte offset of the MPD's first child that is not ProgramInformation."""
    open_elements: list[str] = []
    children: list[tuple[str, int]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _attributes: dict[str, str]) -> None:
        if open_elements == [f"{_MPD_NAMESPACE} MPD"] and name != f"{_MPD_NAMESPACE} ProgramInformation":
            children.append((name, parser.CurrentByteIndex))
        open_elements.append(name)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_elements.pop()
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ReleaseRejected("mpd_malformed", f"the DASH manifest is not XML: {error}") from error
    if not children:
        raise ReleaseRejected("mpd_malformed", "the DASH manifest has no MPD element with a Period in it")
    return children[0]


def _below(reference: str, release: str) -> str:
    return reference if _ABSOLUTE.match(reference) else f"{release}/{reference}"
