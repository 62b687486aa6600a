"""Checks that a published stream answers: its manifests, its playlists and the first segment of each."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin
from xml.etree import ElementTree

import httpx
import m3u8

_SECONDS = 20.0
_TAG = re.compile(r"^\{[^}]*\}")
_NUMBER = re.compile(r"\$Number(?:%0(\d+)d)?\$")


def silences(hls_url: str, dash_url: str | None) -> list[str]:
    """A sentence for each file that a player loads first and that does not answer over HTTP.

    `dash_url` is None for a release with HLS only.
    """
    # trust_env off: requests to the loopback interface must not go through the machine's proxy.
    with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
        found = list(_hls_silences(client, hls_url))
        return found if dash_url is None else [*found, *_dash_silences(client, dash_url)]


def _hls_silences(client: httpx.Client, url: str) -> Iterator[str]:
    master, fault = _read(client, url)
    if fault:
        yield fault
        return
    parsed = m3u8.loads(master)
    playlists = [
        item.uri for item in (*parsed.playlists, *parsed.media, *parsed.iframe_playlists) if item.uri
    ]
    if not playlists:
        yield f"{url} lists no playlist"
    for playlist in dict.fromkeys(urljoin(url, uri) for uri in playlists):
        content, fault = _read(client, playlist)
        if fault:
            yield fault
            continue
        media = m3u8.loads(content)
        if not media.segments:
            yield f"{playlist} lists no segment"
            continue
        first = media.segments[0]
        starts = [first.init_section.uri] if first.init_section else []
        for uri in (*starts, first.uri):
            yield from _fault_of(client, urljoin(playlist, uri))


def _dash_silences(client: httpx.Client, url: str) -> Iterator[str]:
    manifest, fault = _read(client, url)
    if fault:
        yield fault
        return
    try:
        # The gate has parsed this document before, and today's expat refuses entity bombs.
        root = ElementTree.fromstring(manifest)  # noqa: S314
    except ElementTree.ParseError as error:
        yield f"{url} is not XML: {error}"
        return
    starts = list(dict.fromkeys(_first_of(root, url, ())))
    if not starts:
        yield f"{url} lists no segment"
    for start in starts:
        yield from _fault_of(client, start)


def _first_of(
    element: ElementTree.Element, base: str, templates: tuple[ElementTree.Element, ...]
) -> Iterator[str]:
    """URLs of the initialization and first segment of every Representation (ISO/IEC 23009-1, 5.3.9.4)."""
    children = {_TAG.sub("", child.tag): child for child in element}
    if "BaseURL" in children:
        base = urljoin(base, (children["BaseURL"].text or "").strip())
    if "SegmentTemplate" in children:
        templates = (children["SegmentTemplate"], *templates)
    if _TAG.sub("", element.tag) == "Representation":
        for attribute in ("initialization", "media"):
            # The nearest template with the attribute; the rest is inherited.
            found = next((each for each in templates if attribute in each.attrib), None)
            if found is not None:
                number = next(
                    (each.attrib["startNumber"] for each in templates if "startNumber" in each.attrib), "1"
                )
                yield urljoin(base, _expanded(found.attrib[attribute], element.get("id", ""), int(number)))
        return
    for child in element:
        yield from _first_of(child, base, templates)


def _expanded(template: str, representation: str, number: int) -> str:
    named = template.replace("$RepresentationID$", representation)
    return _NUMBER.sub(lambda match: f"{number:0{match[1] or 1}d}", named)


def _read(client: httpx.Client, url: str) -> tuple[str, str]:
    """The text at a URL, or a sentence that says why there is none."""
    try:
        answer = client.get(url)
    except httpx.HTTPError as error:
        return "", f"{url} does not answer ({type(error).__name__})"
    if answer.status_code != httpx.codes.OK:
        return "", f"{url} answers {answer.status_code}"
    return (answer.text, "") if answer.content else ("", f"{url} is empty")


def _fault_of(client: httpx.Client, url: str) -> Iterator[str]:
    _, fault = _read(client, url)
    if fault:
        yield fault
