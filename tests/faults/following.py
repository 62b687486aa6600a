"""What a public manifest leads to, as players find it: over HTTP, and by nothing but what it names."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree

import httpx
import m3u8

Fetch = Callable[[str], str | None]
"""The text behind a URL; None where there is none."""

_NUMBER = re.compile(r"\$(Number|Time)(?:%0(\d+)d)?\$")
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


@dataclass(frozen=True)
class Followed:
    """All that one manifest names: files, and how long what it describes lasts, in seconds."""

    files: frozenset[str]
    segments: frozenset[str]
    """Those of the files that carry the picture or the sound."""
    seconds: float


def fetch_text(client: httpx.Client, url: str) -> str | None:
    answer = client.get(url)
    return answer.text if answer.status_code == httpx.codes.OK else None


def follow_hls(url: str, text: str, fetch: Fetch) -> Followed:
    """The multivariant playlist at `url` that says `text`, with its playlists and their segments.

    A playlist that does not answer is among the files, and leads to nothing.
    """
    master = m3u8.loads(text)
    named = [*master.playlists, *master.media, *master.iframe_playlists]
    playlists = list(dict.fromkeys(urljoin(url, item.uri) for item in named if item.uri))
    data = [urljoin(url, item.uri) for item in master.session_data if item.uri]
    segments: set[str] = set()
    seconds = 0.0
    for playlist in playlists:
        content = fetch(playlist)
        if content is None:
            continue
        media = m3u8.loads(content)
        segments |= set(_media_segments(playlist, media))
        if not media.is_i_frames_only:
            seconds = max(seconds, sum(segment.duration or 0.0 for segment in media.segments))
    return Followed(frozenset({*playlists, *data, *segments}), frozenset(segments), seconds)


def _media_segments(base: str, media: m3u8.M3U8) -> Iterator[str]:
    for segment in media.segments:
        if segment.init_section:
            yield urljoin(base, segment.init_section.uri)
        yield urljoin(base, segment.uri)


def follow_dash(url: str, text: str) -> Followed:
    """The MPD at `url` that says `text` (ISO/IEC 23009-1, 5.3.9)."""
    root = ElementTree.fromstring(text)
    seconds = _seconds(root.get("mediaPresentationDuration", ""))
    found = set(_below(root, url, {}, None, seconds))
    return Followed(frozenset(found), frozenset(found), seconds)


def folder_of_dash(url: str, text: str) -> str | None:
    """The folder that the MPD at `url` is written for, by its own BaseURL; None where it has none."""
    base = next((child for child in ElementTree.fromstring(text) if _name(child) == "BaseURL"), None)
    return None if base is None else urljoin(url, (base.text or "").strip())


def _below(
    element: ElementTree.Element,
    base: str,
    inherited: dict[str, str],
    timeline: ElementTree.Element | None,
    seconds: float,
) -> Iterator[str]:
    for child in element:
        if _name(child) == "BaseURL":
            base = urljoin(base, (child.text or "").strip())
        if _name(child) == "SegmentTemplate":
            inherited = {**inherited, **child.attrib}
            timeline = next((each for each in child if _name(each) == "SegmentTimeline"), timeline)
    if _name(element) == "Representation":
        yield from _expanded(element.get("id", ""), base, inherited, timeline, seconds)
        if not inherited and _has_own_file(element):
            yield base
        return
    for child in element:
        yield from _below(child, base, inherited, timeline, seconds)


def _has_own_file(element: ElementTree.Element) -> bool:
    return any(_name(child) == "BaseURL" for child in element)


def _expanded(
    identity: str, base: str, template: dict[str, str], timeline: ElementTree.Element | None, seconds: float
) -> Iterator[str]:
    if "initialization" in template:
        yield urljoin(base, template["initialization"].replace("$RepresentationID$", identity))
    media = template.get("media")
    if media is None:
        return
    named = media.replace("$RepresentationID$", identity)
    number = int(template.get("startNumber", "1"))
    for place, time in enumerate(_times(template, timeline, seconds)):
        values = {"Number": number + place, "Time": time}
        yield urljoin(base, _NUMBER.sub(lambda found: f"{values[found[1]]:0{found[2] or 1}d}", named))  # noqa: B023


def _times(template: dict[str, str], timeline: ElementTree.Element | None, seconds: float) -> list[int]:
    if timeline is None:
        length = int(template["duration"])
        scale = int(template.get("timescale", "1"))
        return [place * length for place in range(math.ceil(seconds * scale / length))]
    times: list[int] = []
    now = 0
    for entry in timeline:
        now = int(entry.get("t", now))
        for _ in range(int(entry.get("r", "0")) + 1):
            times.append(now)
            now += int(entry.attrib["d"])
    return times


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _seconds(duration: str) -> float:
    found = _DURATION.fullmatch(duration)
    if not found:
        return 0.0
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
