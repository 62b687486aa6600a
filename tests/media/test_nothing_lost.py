"""No source loses a track, a second, a colour or a caption without a sentence on its title.

What ffprobe finds in a source is held against what ffprobe and a reader of playlists find in the
release, and against what the title's owner is told. Nothing of the plan is asked.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import m3u8
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from corpus.cases import Case
from corpus.outcome import Way, convert
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import Binaries
from nightreel.vocabulary.media import Container
from nightreel.vocabulary.release import MASTER
from tests.media import charts
from tests.media.material import CODINGS, Heard, Material, looked_at, materials
from tests.media.text_tracks import TEXTS, words

_LADDER = Ladder(rungs=(Rung(height=144, video_bps=2_000_000, audio_bps=64_000, preset="ultrafast"),))
_SOUND_MAY_END_BEFORE = 0.5
_AS_SEEN = {"sdr": 1.5, "hdr": 2.5}
"""CIEDE2000 of the chart, in the mean; 7 to 14 where HDR is taken for SDR."""


@dataclass(frozen=True)
class _Release:
    """A release on disk, and what its owner was told."""

    folder: Path
    told: str

    @property
    def master(self) -> m3u8.M3U8:
        return m3u8.load(str(self.folder / MASTER))

    def media(self, kind: str) -> dict[str, Any]:
        """The members of a kind by their names: a sound in stereo and in 5.1 is one."""
        return {item.name: item for item in self.master.media if item.type == kind}

    def seconds(self, name: str) -> float:
        return sum(segment.duration for segment in m3u8.load(str(self.folder / name)).segments)

    def whole(self, name: str) -> Path:
        """All of a media playlist in one file."""
        playlist = m3u8.load(str(self.folder / name))
        parts = [item.uri for item in playlist.segment_map] + [item.uri for item in playlist.segments]
        whole = self.folder.parent / f"{name}.whole"
        whole.write_bytes(b"".join((self.folder / part).read_bytes() for part in parts))
        return whole

    def text(self, name: str) -> str:
        playlist = m3u8.load(str(self.folder / name))
        return "\n".join((self.folder / item.uri).read_text() for item in playlist.segments)

    def tells_of(self, track: int) -> bool:
        """Whether a sentence names a track."""
        lists = re.findall(r"[Tt]racks? ((?:\d+(?:, )?)+)", self.told)
        return str(track) in {number for each in lists for number in each.rstrip(", ").split(", ")}


@settings(
    max_examples=3,
    # A smaller example would cost hundreds of conversions.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(materials, st.booleans(), st.sampled_from(["cmaf", "ts"]))
@example(
    Material(
        "10 bits", captions=("CC1",), sounds=(Heard(2, "eng", 1.3),), container="ts",
        texts=("dvb_subtitle", "dvb_teletext"),
    ),
    False,
    "cmaf",
)  # fmt: skip
@example(Material("4:4:4", captions=("CC2",), texts=("mov_text", "eia_608"), container="mov"), False, "cmaf")
@example(Material("PQ", sounds=(Heard(6, "eng", 2.0),), texts=("mov_text",), container="mp4"), True, "cmaf")
@example(Material("HLG", sounds=(Heard(2, "eng", 2.0),), texts=("subrip", "hdmv_pgs_subtitle")), True, "cmaf")
@example(Material("PQ", sounds=(Heard(6, "eng", 0.5), Heard(2, "eng", 1.3))), False, "cmaf")
@example(Material("full range", captions=("CC4",), services=(1, 2), texts=("ass",)), False, "ts")
@example(Material("BT.601", captions=("CC1", "CC2", "CC3"), sounds=(Heard(1, "spa", 1.0),)), True, "ts")
@example(Material(transparent=True), False, "cmaf")
def test_nothing_is_lost_without_a_word(
    binaries: Binaries, material: Material, hdr: bool, container: Container
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = material.written(folder, binaries.ffmpeg)
        options = PlanOptions(hdr=hdr, container=container)
        outcome = convert(Case("source", source), Way(binaries, _LADDER, options), folder, _quietly)
        assert outcome.state == "published", outcome.reason
        release = _Release(folder / "release", " ".join(outcome.warnings))
        streams = looked_at(source, binaries.ffprobe, "-show_streams")["streams"]
        _assert_tracks(streams, release)
        _assert_seconds(source, streams, release, binaries)
        _assert_colours(source, material, release, binaries)
        _assert_captions(material, release)
        _assert_texts(streams, material, release)


def _quietly(step: str) -> None:
    return


def _assert_tracks(streams: list[dict[str, Any]], release: _Release) -> None:
    for kind, media in (("audio", "AUDIO"), ("subtitle", "SUBTITLES")):
        untold = [
            each for each in streams if each["codec_type"] == kind and not release.tells_of(each["index"])
        ]
        held = release.media(media)
        assert len(held) >= len(untold), (kind, release.told)


def _assert_seconds(
    source: Path, streams: list[dict[str, Any]], release: _Release, binaries: Binaries
) -> None:
    """What is seen or heard ends with the title, or a sentence tells of the sound that goes on."""
    packets = looked_at(
        source, binaries.ffprobe, "-show_entries", "packet=stream_index,pts_time,duration_time"
    )
    ends: dict[int, float] = {}
    start = min(float(packet["pts_time"]) for packet in packets["packets"])
    for packet in packets["packets"]:
        end = float(packet["pts_time"]) + float(packet.get("duration_time", 0))
        ends[packet["stream_index"]] = max(ends.get(packet["stream_index"], 0.0), end)
    seen = [each["index"] for each in streams if each["codec_type"] in ("video", "audio")]
    lasts = release.seconds(release.master.playlists[0].uri)
    for index in seen:
        assert ends[index] - start < lasts + _SOUND_MAY_END_BEFORE or release.tells_of(index)
    names = [item.uri for item in release.master.media if item.uri]
    assert all(abs(release.seconds(name) - lasts) < 0.05 for name in names)


def _assert_colours(source: Path, material: Material, release: _Release, binaries: Binaries) -> None:
    """As bright and as colourful as they were; HDR kept in ten bits, or told."""
    (found,) = looked_at(source, binaries.ffprobe, "-select_streams", "v", "-show_streams")["streams"]
    ranges = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
    wanted = ranges.get(found.get("color_transfer", ""))
    variants = {item.stream_info.video_range or "SDR": item.uri for item in release.master.playlists}
    if wanted:
        assert wanted in variants or f"HDR ({wanted})" in release.told
        assert set(variants) <= {"SDR", wanted}
    if wanted in variants:
        (kept,) = looked_at(release.whole(variants[wanted]), binaries.ffprobe, "-show_streams")["streams"]
        assert kept["pix_fmt"] == "yuv420p10le"
        assert [kept[f"color_{part}"] for part in ("primaries", "transfer", "space")] == [
            found[f"color_{part}"] for part in ("primaries", "transfer", "space")
        ]
    if found.get("color_primaries") in ("bt2020", "smpte432"):
        assert wanted in variants or "colours" in release.told or "HDR" in release.told
    _assert_fineness(found["pix_fmt"], [release.whole(name) for name in variants.values()], release, binaries)
    if "a" in found["pix_fmt"].replace("gray", ""):
        assert "transparent" in release.told
        return
    seen = charts.differences(charts.shown(release.whole(variants["SDR"]))).mean()
    assert seen < _AS_SEEN["hdr" if wanted else "sdr"], (material.coding, seen)


def _assert_fineness(found: str, pictures: list[Path], release: _Release, binaries: Binaries) -> None:
    """No variant has as many bits, or colours for as many pixels: that is told."""
    kept = [
        looked_at(picture, binaries.ffprobe, "-show_streams")["streams"][0]["pix_fmt"] for picture in pictures
    ]
    most = [max(each) for each in zip(*map(_fineness, kept), strict=True)]
    told = "colours are finer" in release.told or "shown in SDR" in release.told
    assert told == any(had > has for had, has in zip(_fineness(found), most, strict=True)), (found, kept)


def _fineness(pixel_format: str) -> tuple[int, int]:
    """Bits of a colour, and 420, 422 or 444: the higher, the more pixels have a colour of their own."""
    bits = re.search(r"p(\d+)", pixel_format)
    sampling = re.search(r"4[24][024]", pixel_format)
    return int(bits[1]) if bits else 8, int(sampling[0]) if sampling else 0


def _assert_captions(material: Material, release: _Release) -> None:
    """Every channel is a text of its own, and says what it said and nothing else."""
    if CODINGS[material.coding].encoder[0] != "libx264" or material.transparent:
        return
    texts = [release.text(item.uri) for item in release.media("SUBTITLES").values()]
    for channel in material.captions:
        (own,) = (text for text in texts if words(channel) in text)
        assert not [other for other in material.captions if other != channel and words(other) in own]
    if len(material.services) > len(material.captions):
        assert "CTA-708" in release.told


def _assert_texts(streams: list[dict[str, Any]], material: Material, release: _Release) -> None:
    """Text is held; pictures of text are told."""
    texts = [release.text(item.uri) for item in release.media("SUBTITLES").values()]
    tracks = [each["index"] for each in streams if each["codec_type"] == "subtitle"]
    for number, (index, kind) in enumerate(zip(tracks, material.texts, strict=True)):
        held = any(words(kind, number) in text for text in texts)
        assert held == (kind in TEXTS)
        assert held or release.tells_of(index)
