"""What Shaka Packager says of one rendition in the manifests that it writes, as a track."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import m3u8
from lxml import etree

from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import PictureTrack, Rate, Signalling, SoundTrack, Timeline
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

_MPD = "{urn:mpeg:dash:schema:mpd:2011}"
_COMMON_SYSTEM = "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
_CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
_CPS = "https://dashif.org/CPS"
_CENC_PSSH = "{urn:mpeg:cenc:2013}pssh"
_CICP = "urn:mpeg:mpegB:cicp:"
_KEY = "#EXT-X-KEY:"


@dataclass(frozen=True)
class PackagerManifests:
    """Both manifests of a release that has one rendition only."""

    master: Path
    mpd: Path


def picture_track(
    packaging: Packaging, rendition: VideoRendition, manifests: PackagerManifests
) -> PictureTrack:
    """The picture's facts. Its media playlist lies in place, with the right keys."""
    master = m3u8.loads(manifests.master.read_text())
    (variant,) = master.playlists
    (keyframes,) = master.iframe_playlists
    adaptation_sets = _adaptation_sets(manifests.mpd)
    return PictureTrack(
        rendition=rendition,
        codec=variant.stream_info.codecs,
        frame_rate=packaging.plan.frame_rate,
        rate=_rate(variant.stream_info),
        keyframes=_rate(keyframes.iframe_stream_info),
        timeline=_timeline(adaptation_sets),
        colour=tuple(
            (item.get("schemeIdUri"), item.get("value"))
            for item in adaptation_sets[0].iterfind(f"{_MPD}SupplementalProperty")
            if item.get("schemeIdUri", "").startswith(_CICP)
        ),
        signalling=_signalling(packaging, rendition.name, adaptation_sets[0]),
    )


def sound_track(packaging: Packaging, rendition: AudioRendition, manifests: PackagerManifests) -> SoundTrack:
    """The sound's facts. Its media playlist lies in place, with the right keys."""
    (variant,) = m3u8.loads(manifests.master.read_text()).playlists
    adaptation_sets = _adaptation_sets(manifests.mpd)
    return SoundTrack(
        rendition=rendition,
        codec=variant.stream_info.codecs,
        rate=_rate(variant.stream_info),
        timeline=_timeline(adaptation_sets),
        signalling=_signalling(packaging, rendition.name, adaptation_sets[0]),
    )


def segment_timeline(mpd: Path) -> Timeline:
    """How long the segments of the one rendition are."""
    return _timeline(_adaptation_sets(mpd))


def _rate(said: m3u8.model.StreamInfo) -> Rate:
    return Rate(peak=said.bandwidth, average=said.average_bandwidth)


def _adaptation_sets(mpd: Path) -> list[etree._Element]:
    """That of the one rendition: one in each period. The packager begins a period at every cue."""
    tree = etree.parse(mpd, etree.XMLParser(remove_blank_text=True, remove_comments=True))
    return list(tree.iterfind(f".//{_MPD}AdaptationSet"))


def _timeline(adaptation_sets: Sequence[etree._Element]) -> Timeline:
    templates = [found for each in adaptation_sets for found in each.iterfind(f".//{_MPD}SegmentTemplate")]
    return Timeline(
        timescale=int(templates[0].get("timescale")),
        segments=tuple(
            int(entry.get("d"))
            for template in templates
            for entry in template.iterfind(f"{_MPD}SegmentTimeline/{_MPD}S")
            for _ in range(int(entry.get("r", "0")) + 1)
        ),
    )


def _signalling(packaging: Packaging, name: str, adaptation_set: etree._Element) -> Signalling:
    protection = packaging.protection
    if protection is None:
        return Signalling()
    lines = (packaging.directory / release.playlist_name(name)).read_text().splitlines()
    return Signalling(
        hls=tuple(line.removeprefix(_KEY) for line in lines if line.startswith(_KEY)),
        dash=tuple(
            etree.tostring(descriptor, encoding="unicode")
            for descriptor in _descriptors(adaptation_set, protection)
        ),
    )


def _descriptors(adaptation_set: etree._Element, protection: Protection) -> Iterator[etree._Element]:
    """With the ClearKey licence server (DASH-IF content protection), and no pssh twice.

    ClearKey goes by the `default_KID`. The packager's descriptor with the common pssh gives way to
    it: beside it, players would take that for a second ClearKey, one without a server.
    """
    for descriptor in adaptation_set.iterfind(f"{_MPD}ContentProtection"):
        for repeated in descriptor.findall(_CENC_PSSH)[1:]:
            descriptor.remove(repeated)
        if protection.license_url and descriptor.get("schemeIdUri") == _COMMON_SYSTEM:
            yield _clear_key(protection.license_url)
        else:
            yield descriptor


def _clear_key(license_url: str) -> etree._Element:
    descriptor = etree.Element(f"{_MPD}ContentProtection", schemeIdUri=_CLEAR_KEY, value="ClearKey1.0")
    etree.SubElement(descriptor, f"{{{_CPS}}}Laurl", nsmap={"dashif": _CPS}).text = license_url
    return descriptor
