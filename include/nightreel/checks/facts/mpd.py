"""The DASH manifest as the mpegdash library reads it (ISO/IEC 23009-1)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.dom.minidom import Document, Element

from mpegdash.parser import MPEGDASHParser

from nightreel.vocabulary.release import init_name, subtitles_name

_DURATION = re.compile(r"P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_NUMBER = re.compile(r"\$Number(?:%0(\d+)d)?\$")
_MAX_TIMELINE_ENTRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One segment of a SegmentTimeline, in seconds."""

    start: Fraction
    duration: Fraction

    @property
    def end(self) -> Fraction:
        """In seconds."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Representation:
    """One representation. `bandwidth` in bits per second, names as the templates make them.

    `file` is the one file of a representation without segments, empty for others. `key_id` is
    the default_KID of its ContentProtection, `channels` that of its AudioChannelConfiguration;
    `roles` are those of its adaptation set (ISO/IEC 23009-1, 5.8.5.5).
    """

    id: str
    adaptation_set: str
    init: str
    segments: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...]
    bandwidth: int | None
    codecs: str
    width: int | None
    height: int | None
    language: str | None
    content_type: str = ""
    file: str = ""
    channels: int | None = None
    key_id: UUID | None = None
    roles: tuple[str, ...] = ()

    @property
    def gaps(self) -> int:
        """Places where a segment does not begin at the end of the one before it."""
        return sum(a.end != b.start for a, b in pairwise(self.timeline))


@dataclass(frozen=True, slots=True)
class DashManifest:
    """The MPD. `fault` is a sentence, empty when it could be read; `duration` in seconds."""

    name: str
    fault: str = ""
    type: str = ""
    duration: Fraction | None = None
    periods: int = 0
    duplicate_ids: tuple[str, ...] = ()
    unaligned_sets: tuple[str, ...] = ()
    """Adaptation sets that do not promise segmentAlignment."""
    representations: tuple[Representation, ...] = ()

    def representation(self, rendition: str) -> Representation | None:
        """What it says of a picture, a sound or subtitles; None where it names no such rendition."""
        names = {init_name(rendition), subtitles_name(rendition)}
        return next((item for item in self.representations if names & {item.init, item.file}), None)

    @property
    def names(self) -> Iterator[str]:
        """The files that it names."""
        for item in self.representations:
            yield from (name for name in (item.init, *item.segments, item.file) if name)


def read_mpd(path: Path) -> DashManifest:
    """Read the MPD. Damage is reported in `fault`, never raised."""
    if not path.is_file():
        return DashManifest(path.name, fault="the file is missing")
    try:
        text = path.read_text("utf-8")
        if "<MPD" not in text:
            return DashManifest(path.name, fault="it has no MPD element")
        return _manifest(path.name, MPEGDASHParser.parse(text), MPEGDASHParser.load_xmldom(text))
    # The library raises whatever its own code happens to run into.
    except Exception as error:
        return DashManifest(path.name, fault=f"it cannot be parsed: {error}")


def seconds_of(text: str | None) -> Fraction | None:
    """An xs:duration of days and smaller units, as MPDs use it; None when it is none."""
    found = _DURATION.fullmatch(text or "")
    if not found or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _manifest(name: str, parsed: Any, document: Document) -> DashManifest:
    periods = parsed.periods or []
    sets = [adaptation_set for period in periods for adaptation_set in period.adaptation_sets or []]
    return DashManifest(
        name=name,
        type=parsed.type or "",
        duration=seconds_of(parsed.media_presentation_duration),
        periods=len(periods),
        duplicate_ids=tuple(_duplicates(document)),
        unaligned_sets=tuple(_unaligned(document)),
        representations=tuple(
            _representation(item, adaptation_set)
            for adaptation_set in sets
            for item in adaptation_set.representations or []
        ),
    )


def _elements(document: Document, tag: str) -> list[Element]:
    return list(document.getElementsByTagName(tag))


def _duplicates(document: Document) -> Iterator[str]:
    # From the document, because the library cannot hold ids that are not numbers.
    for tag in ("Period", "AdaptationSet", "Representation"):
        ids = (item.getAttribute("id") for item in _elements(document, tag) if item.hasAttribute("id"))
        yield from (f"{tag} {item}" for item, count in Counter(ids).items() if count > 1)


def _unaligned(document: Document) -> Iterator[str]:
    # From the document, because the library takes segmentAlignment="false" for true.
    for item in _elements(document, "AdaptationSet"):
        segmented = item.getElementsByTagName("SegmentTemplate")
        if segmented and item.getAttribute("segmentAlignment") not in ("true", "1"):
            yield item.getAttribute("id")


def _representation(item: Any, adaptation_set: Any) -> Representation:
    template = _first(item.segment_templates) or _first(adaptation_set.segment_templates)
    timeline = tuple(_timeline(template)) if template else ()
    start = 1 if template is None or template.start_number is None else template.start_number
    return Representation(
        id=str(item.id),
        adaptation_set=str(adaptation_set.id),
        init=_expanded(template.initialization, item.id, 0) if template else "",
        segments=tuple(_expanded(template.media, item.id, start + index) for index in range(len(timeline))),
        timeline=timeline,
        bandwidth=item.bandwidth,
        codecs=item.codecs or adaptation_set.codecs or "",
        width=item.width or adaptation_set.width,
        height=item.height or adaptation_set.height,
        language=adaptation_set.lang,
        content_type=adaptation_set.content_type or "",
        file=_file(item),
        channels=_channels(item) or _channels(adaptation_set),
        key_id=_key_id(adaptation_set),
        roles=tuple(role.value or "" for role in adaptation_set.roles or ()),
    )


def _file(item: Any) -> str:
    address = _first(item.base_urls)
    return (address.base_url_value or "") if address else ""


def _channels(item: Any) -> int | None:
    said = _first(item.audio_channel_configurations)
    return int(said.value) if said and (said.value or "").isdecimal() else None


def _key_id(adaptation_set: Any) -> UUID | None:
    for said in adaptation_set.content_protections or ():
        if said.cenc_default_kid:
            return UUID(said.cenc_default_kid)
    return None


def _timeline(template: Any) -> Iterator[TimelineEntry]:
    timescale = template.timescale or 1
    offset = template.presentation_time_offset or 0
    position = count = 0
    for timeline in template.segment_timelines or []:
        for item in timeline.Ss or []:
            position = position if item.t is None else item.t
            for _ in range(1 + (item.r or 0)):
                count += 1
                if count > _MAX_TIMELINE_ENTRIES:
                    raise ValueError(f"a timeline has more than {_MAX_TIMELINE_ENTRIES} segments")
                yield TimelineEntry(Fraction(position - offset, timescale), Fraction(item.d, timescale))
                position += item.d


def _expanded(template: str | None, representation: str, number: int) -> str:
    text = (template or "").replace("$RepresentationID$", str(representation))
    return _NUMBER.sub(lambda found: f"{number:0{found[1] or 1}d}", text)


def _first(items: Iterable[Any] | None) -> Any:
    return next(iter(items or ()), None)
