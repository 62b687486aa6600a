"""The MPD (ISO/IEC 23009-1), composed from what was measured of each track."""

from collections.abc import Iterable, Iterator, Sequence
from math import gcd

from lxml import etree

from nightreel.media.packaging.track import PictureTrack, SoundTrack, TextTrack, Timeline, Tracks
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary import release

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MPD = f"{{{_NAMESPACE}}}"
_LIVE_PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
_ROLES = "urn:mpeg:dash:role:2011"
_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_MIN_BUFFER = "PT2S"
SEGMENT_NUMBER = "$Number%03d$"
"""As the names of segments have it: at least three digits."""


def mpd(tracks: Tracks) -> str:
    """The text of the MPD: static, with a SegmentTimeline, so that each segment's length is said.

    A set holds what a player may switch between by itself: the pictures of one codec and range.
    Each sound has a set of its own, stereo and 5.1, dialogue and commentary.

    The presentation lasts as long as its longest track, which may be a sound by less than an AAC
    frame: a player that saw the end before the media's own would stop there instead of ending.
    """
    root = etree.Element(
        f"{_MPD}MPD",
        {
            f"{{{_INSTANCE}}}schemaLocation": f"{_NAMESPACE} DASH-MPD.xsd",
            "profiles": _LIVE_PROFILE,
            "minBufferTime": _MIN_BUFFER,
            "type": "static",
            "mediaPresentationDuration": f"PT{_longest(tracks):.6f}S",
        },
        nsmap={None: _NAMESPACE, "xsi": _INSTANCE},
    )
    period = etree.SubElement(root, f"{_MPD}Period", id="0")
    period.extend(_sets(tracks))
    _number(period)
    etree.cleanup_namespaces(root)
    etree.indent(root)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text.decode() + "\n"


def _number(period: etree._Element) -> None:
    """Give every set and every representation an id, as the first of its attributes."""
    for tag in ("AdaptationSet", "Representation"):
        for number, element in enumerate(period.iter(f"{_MPD}{tag}")):
            attributes = dict(element.attrib)
            element.attrib.clear()
            element.attrib.update({"id": str(number), **attributes})


def _longest(tracks: Tracks) -> float:
    timed: tuple[PictureTrack | SoundTrack, ...] = (*tracks.pictures, *tracks.sounds)
    return float(max(track.timeline.duration for track in timed if track.timeline is not None))


def _sets(tracks: Tracks) -> Iterator[etree._Element]:
    switched: dict[tuple[str, str], list[PictureTrack]] = {}
    for picture in tracks.pictures:
        made = picture.rendition
        switched.setdefault((made.codec, made.dynamic_range), []).append(picture)
    yield from (_picture_set(pictures) for pictures in switched.values())
    yield from (_sound_set(sound) for sound in tracks.sounds)
    yield from (_subtitle_set(text) for text in tracks.texts)


def _picture_set(pictures: Sequence[PictureTrack]) -> etree._Element:
    first = pictures[0]
    adaptation_set = _adaptation_set("video", frameRate=str(first.frame_rate))
    shapes = {_shape(picture.rendition) for picture in pictures}
    if len(shapes) == 1:
        adaptation_set.set("par", shapes.pop())
    adaptation_set.set("maxWidth", str(max(picture.rendition.width for picture in pictures)))
    adaptation_set.set("maxHeight", str(max(picture.rendition.height for picture in pictures)))
    # Players that cannot show the range pass the set over (DASH-IF IOP).
    standard = first.rendition.dynamic_range == "sdr"
    property_tag = "SupplementalProperty" if standard else "EssentialProperty"
    _protect(adaptation_set, first.signalling.dash)
    for scheme, value in first.colour:
        etree.SubElement(adaptation_set, f"{_MPD}{property_tag}", schemeIdUri=scheme, value=value)
    for picture in pictures:
        representation = _representation(adaptation_set, "video/mp4", picture.rate.peak, picture.codec)
        representation.set("width", str(picture.rendition.width))
        representation.set("height", str(picture.rendition.height))
        representation.set("sar", "1:1")
        _segments(representation, picture.rendition.name, picture.timeline)
    return adaptation_set


def _shape(rendition: VideoRendition) -> str:
    divisor = gcd(rendition.width, rendition.height)
    return f"{rendition.width // divisor}:{rendition.height // divisor}"


def _sound_set(sound: SoundTrack) -> etree._Element:
    rendition = sound.rendition
    adaptation_set = _adaptation_set("audio", lang=rendition.language)
    _protect(adaptation_set, sound.signalling.dash)
    _describe(adaptation_set, rendition.label, "main" if rendition.default else "alternate")
    representation = _representation(adaptation_set, "audio/mp4", sound.rate.peak, sound.codec)
    representation.set("audioSamplingRate", str(rendition.sample_rate))
    etree.SubElement(
        representation,
        f"{_MPD}AudioChannelConfiguration",
        schemeIdUri=_CHANNELS,
        value=str(rendition.channels),
    )
    _segments(representation, rendition.name, sound.timeline)
    return adaptation_set


def _subtitle_set(text: TextTrack) -> etree._Element:
    """Subtitles as one file for the whole title: that of each segment is for HLS alone."""
    rendition = text.rendition
    adaptation_set = etree.Element(
        f"{_MPD}AdaptationSet", contentType="text", mimeType="text/vtt", lang=rendition.language
    )
    roles = (
        "forced-subtitle" if rendition.forced else "subtitle",
        *(("main",) if rendition.default else ()),
    )
    _describe(adaptation_set, rendition.label, *roles)
    representation = etree.SubElement(
        adaptation_set, f"{_MPD}Representation", bandwidth=str(max(1, text.rate.average))
    )
    base = etree.SubElement(representation, f"{_MPD}BaseURL")
    base.text = release.subtitles_name(rendition.name)
    return adaptation_set


def _adaptation_set(content_type: str, **attributes: str) -> etree._Element:
    # Closed GOPs: every segment starts with a picture that nothing before it is needed for.
    return etree.Element(
        f"{_MPD}AdaptationSet",
        {"contentType": content_type, "segmentAlignment": "true", "startWithSAP": "1", **attributes},
    )


def _representation(
    adaptation_set: etree._Element, mime_type: str, bandwidth: int, codecs: str
) -> etree._Element:
    return etree.SubElement(
        adaptation_set,
        f"{_MPD}Representation",
        bandwidth=str(bandwidth),
        codecs=codecs,
        mimeType=mime_type,
    )


def _segments(representation: etree._Element, name: str, timeline: Timeline | None) -> None:
    if timeline is None:
        raise ValueError(f"{name} has no timeline: a transport stream is for HLS alone")
    template = etree.SubElement(
        representation,
        f"{_MPD}SegmentTemplate",
        timescale=str(timeline.timescale),
        initialization=release.init_name(name),
        media=f"{release.stream_name(name)}_{SEGMENT_NUMBER}.m4s",
        startNumber="0",
    )
    entries = etree.SubElement(template, f"{_MPD}SegmentTimeline")
    start = 0
    for ticks, times in timeline.runs:
        entry = etree.SubElement(entries, f"{_MPD}S", t=str(start), d=str(ticks))
        if times > 1:
            entry.set("r", str(times - 1))
        start += ticks * times


def _describe(adaptation_set: etree._Element, label: str, *roles: str) -> None:
    etree.SubElement(adaptation_set, f"{_MPD}Label").text = label
    for role in roles:
        etree.SubElement(adaptation_set, f"{_MPD}Role", schemeIdUri=_ROLES, value=role)


def _protect(adaptation_set: etree._Element, descriptors: Iterable[str]) -> None:
    adaptation_set.extend(etree.fromstring(descriptor) for descriptor in descriptors)
