"""The DASH manifest: what the packager wrote of each representation, grouped as players choose."""

from collections.abc import Iterator
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

from lxml import etree
from mpegdash.parser import MPEGDASHParser

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, TextRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

_MPD = "{urn:mpeg:dash:schema:mpd:2011}"
_ROLES = "urn:mpeg:dash:role:2011"
_COMMON_SYSTEM = "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
_CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
_CPS = "https://dashif.org/CPS"
_CENC_PSSH = "{urn:mpeg:cenc:2013}pssh"
_CICP = "urn:mpeg:mpegB:cicp:"
_SCHEMA_ORDER = [
    f"{_MPD}{tag}"
    for tag in (
        *("ContentProtection", "EssentialProperty", "SupplementalProperty"),
        *("Label", "Role", "Representation"),
    )
]
"""The children of an AdaptationSet (ISO/IEC 23009-1, annex B); the packager has it wrong."""


def refine_mpd(directory: Path, plan: Plan, protection: Protection | None) -> None:
    """Put right what the packager groups or leaves out.

    A set holds what a player may switch between by itself: the packager puts all sounds of a
    language into one, stereo and 5.1, dialogue and commentary; here each has a set of its own.
    The presentation lasts as long as its longest track, which may be a sound by less than an AAC
    frame: a player that saw the end before the media's own would stop there instead of ending.
    """
    path = directory / release.MPD
    tree = etree.parse(path, etree.XMLParser(remove_blank_text=True, remove_comments=True))
    longest = max(sum(durations) for durations in segment_durations(path).values())
    tree.getroot().set("mediaPresentationDuration", f"PT{float(longest):.6f}S")
    period = tree.getroot().find(f"{_MPD}Period")
    of_init = {
        template.get("initialization"): template.getparent()
        for template in period.iter(f"{_MPD}SegmentTemplate")
    }
    timed: tuple[VideoRendition | AudioRendition, ...] = (*plan.video, *plan.audio)
    representations = {item.name: of_init[release.init_name(item.name)] for item in timed}
    sets = [
        *_picture_sets(plan, representations),
        *(_sound_set(audio, representations[audio.name]) for audio in plan.audio),
        *(
            _subtitle_set(text, len(representations) + number, directory, plan)
            for number, text in enumerate(plan.text)
        ),
    ]
    for written in period.findall(f"{_MPD}AdaptationSet"):
        period.remove(written)
    for number, adaptation_set in enumerate(sets):
        adaptation_set.set("id", str(number))
        if protection is not None:
            _protect(adaptation_set, protection)
        adaptation_set[:] = sorted(adaptation_set, key=lambda child: _SCHEMA_ORDER.index(child.tag))
        period.append(adaptation_set)
    etree.indent(tree)
    tree.write(path, xml_declaration=True, encoding="UTF-8")


def segment_durations(mpd: Path) -> dict[str, list[Fraction]]:
    """Seconds of every segment, by the stem of its stream's names."""
    durations = {}
    for adaptation_set in MPEGDASHParser.parse(str(mpd)).periods[0].adaptation_sets:
        for representation in adaptation_set.representations:
            (template,) = representation.segment_templates
            stem = template.media.partition("_$Number")[0]
            durations[stem] = [
                Fraction(entry.d, template.timescale)
                for entry in template.segment_timelines[0].Ss
                for _ in range((entry.r or 0) + 1)
            ]
    return durations


def _picture_sets(plan: Plan, representations: dict[str, etree._Element]) -> Iterator[etree._Element]:
    """The packager's own, one per codec and range, in the order of the plan."""
    seen: list[etree._Element] = []
    for picture in plan.video:
        adaptation_set = representations[picture.name].getparent()
        if adaptation_set is None or adaptation_set in seen:
            continue
        seen.append(adaptation_set)
        # Closed GOPs: every segment starts with a picture that nothing before it is needed for.
        adaptation_set.set("startWithSAP", "1")
        adaptation_set.set("frameRate", str(plan.frame_rate))
        if picture.dynamic_range != "sdr":
            _demand_colours(adaptation_set)
        yield adaptation_set


def _demand_colours(adaptation_set: etree._Element) -> None:
    """Let players that cannot show the range pass the set over (DASH-IF IOP)."""
    for supplemental in adaptation_set.findall(f"{_MPD}SupplementalProperty"):
        if supplemental.get("schemeIdUri", "").startswith(_CICP):
            supplemental.tag = f"{_MPD}EssentialProperty"


def _sound_set(audio: AudioRendition, representation: etree._Element) -> etree._Element:
    written = representation.getparent()
    assert written is not None  # noqa: S101 - a representation is always in a set
    adaptation_set = etree.Element(f"{_MPD}AdaptationSet", dict(written.attrib))
    adaptation_set.set("lang", audio.language)
    adaptation_set.extend(deepcopy(written.findall(f"{_MPD}ContentProtection")))
    _describe(adaptation_set, audio.label, "main" if audio.default else "alternate")
    adaptation_set.append(representation)
    return adaptation_set


def _subtitle_set(text: TextRendition, number: int, directory: Path, plan: Plan) -> etree._Element:
    """Subtitles as one file for the whole title: that of each segment is for HLS alone."""
    name = release.subtitles_name(text.name)
    adaptation_set = etree.Element(
        f"{_MPD}AdaptationSet", contentType="text", mimeType="text/vtt", lang=text.language
    )
    roles = ("forced-subtitle" if text.forced else "subtitle", *(("main",) if text.default else ()))
    _describe(adaptation_set, text.label, *roles)
    size_bits = (directory / name).stat().st_size * 8
    representation = etree.SubElement(
        adaptation_set,
        f"{_MPD}Representation",
        id=str(number),
        bandwidth=str(max(1, round(size_bits / plan.duration))),
    )
    etree.SubElement(representation, f"{_MPD}BaseURL").text = name
    return adaptation_set


def _describe(adaptation_set: etree._Element, label: str, *roles: str) -> None:
    etree.SubElement(adaptation_set, f"{_MPD}Label").text = label
    for role in roles:
        etree.SubElement(adaptation_set, f"{_MPD}Role", schemeIdUri=_ROLES, value=role)


def _protect(adaptation_set: etree._Element, protection: Protection) -> None:
    """Name the ClearKey licence server (DASH-IF content protection); leave no pssh twice.

    ClearKey goes by the `default_KID`. The packager's descriptor with the common pssh gives way to
    it: beside it, players would take that for a second ClearKey, one without a server.
    """
    for descriptor in adaptation_set.findall(f"{_MPD}ContentProtection"):
        for repeated in descriptor.findall(_CENC_PSSH)[1:]:
            descriptor.remove(repeated)
        if protection.license_url and descriptor.get("schemeIdUri") == _COMMON_SYSTEM:
            adaptation_set.replace(descriptor, _clear_key(protection.license_url))


def _clear_key(license_url: str) -> etree._Element:
    descriptor = etree.Element(f"{_MPD}ContentProtection", schemeIdUri=_CLEAR_KEY, value="ClearKey1.0")
    etree.SubElement(descriptor, f"{{{_CPS}}}Laurl", nsmap={"dashif": _CPS}).text = license_url
    return descriptor
