"""What a multivariant playlist and an MPD refer to, seen from one place or from another.

The gate judges a release as one flat folder, whose manifests name their neighbours. In the bucket
each track has a folder of its own, so the release's manifests name the same files by their places.
"""

import posixpath
import re
from collections.abc import Callable

from lxml import etree

from nightreel.errors import ReleaseRejected
from nightreel.media.packaging.mpd import SEGMENT_NUMBER
from nightreel.vocabulary.release import MASTER
from nightreel.vocabulary.release_manifest import ReleaseManifest

_URI_TAGS = (
    "#EXT-X-MEDIA:",
    "#EXT-X-I-FRAME-STREAM-INF:",
    "#EXT-X-SESSION-DATA:",
    "#EXT-X-SESSION-KEY:",
)
# Matches a whole attribute, so that `URI=` within another attribute's quotes is passed over.
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")
_FIRST_SEGMENT = "000"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_MPD = "{urn:mpeg:dash:schema:mpd:2011}"


def placed(name: str, text: str, manifest: ReleaseManifest) -> str:
    """A flat manifest, its references as the release has its files in the bucket.

    `name` is `master.m3u8` or `manifest.mpd`. Raises ReleaseRejected for a file of no track of the
    release, and for what is no MPD.
    """
    try:
        if name == MASTER:
            return map_playlist(text, manifest.reference_to)
        return _map_mpd(text, manifest.reference_to)
    except KeyError as error:
        raise ReleaseRejected("unknown_track", f"{name} names a file of no track of the release") from error


def flat(name: str, text: str) -> str:
    """The inverse of `placed`: every reference is the file's name alone. Raises ReleaseRejected."""
    return (map_playlist if name == MASTER else _map_mpd)(text, posixpath.basename)


def map_playlist(text: str, seen: Callable[[str], str]) -> str:
    """A multivariant playlist (RFC 8216, section 4.3.4), each relative URI as `seen` gives it."""

    def reference(uri: str) -> str:
        return uri if _ABSOLUTE.match(uri) else seen(uri)

    def attribute(match: re.Match[str]) -> str:
        name, value = match.groups()
        return f'URI="{reference(value[1:-1])}"' if name == "URI" else match[0]

    def line(each: str) -> str:
        if each.startswith(_URI_TAGS):
            tag, _, attributes = each.partition(":")
            return f"{tag}:{_ATTRIBUTE.sub(attribute, attributes)}"
        return each if not each.strip() or each.startswith("#") else reference(each)

    return "\n".join(map(line, text.split("\n")))


def _map_mpd(text: str, seen: Callable[[str], str]) -> str:
    """An MPD (ISO/IEC 23009-1), each reference to a file as `seen` gives it. Raises ReleaseRejected."""
    try:
        root = etree.fromstring(text.encode(), _PARSER)
    except etree.XMLSyntaxError as error:
        raise ReleaseRejected("mpd_malformed", f"the DASH manifest is not XML: {error}") from error
    for base in root.iter(f"{_MPD}BaseURL"):
        base.text = seen(base.text or "")
    for template in root.iter(f"{_MPD}SegmentTemplate"):
        for attribute in ("initialization", "media"):
            pattern = template.get(attribute, "")
            first = pattern.replace(SEGMENT_NUMBER, _FIRST_SEGMENT)
            template.set(
                attribute, posixpath.join(posixpath.dirname(seen(first)), posixpath.basename(pattern))
            )
    serialised: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return serialised.decode() + "\n"
