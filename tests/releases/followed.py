"""What a player asks for: every file that a manifest names, by its key, as the standards resolve it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import urljoin

import m3u8

_MPD = "{urn:mpeg:dash:schema:mpd:2011}"


def named_by(key: str, text: str) -> list[str]:
    """The keys that a multivariant playlist or an MPD names that lies at this key (RFC 3986, 5.2).

    Of each SegmentTemplate, the initialisation segment and the first segment.
    """
    return list(_of_mpd(key, text) if key.endswith(".mpd") else _of_playlist(key, text))


def _of_playlist(key: str, text: str) -> Iterator[str]:
    playlist = m3u8.loads(text)
    for item in (*playlist.playlists, *playlist.media, *playlist.iframe_playlists):
        if item.uri is not None:
            yield urljoin(key, item.uri)


def _of_mpd(key: str, text: str) -> Iterator[str]:
    def below(element: ET.Element, base: str) -> Iterator[str]:
        own = element.find(f"{_MPD}BaseURL")
        here = base if own is None else urljoin(base, own.text)
        if own is not None and not here.endswith("/"):
            yield here
        template = element.find(f"{_MPD}SegmentTemplate")
        if template is not None:
            yield urljoin(here, template.attrib["initialization"])
            yield urljoin(here, template.attrib["media"].replace("$Number%03d$", "000"))
        for child in element:
            yield from below(child, here)

    yield from below(ET.fromstring(text.encode()), key)
