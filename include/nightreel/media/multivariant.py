"""The multivariant playlist of a transport stream (RFC 8216, 4.3.4), rates as measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import m3u8

from nightreel import release
from nightreel.media.plan import Plan
from nightreel.media.renditions import AudioRendition, TextRendition, VideoRendition

_AUDIO_GROUP, _TEXT_GROUP = "audio", "subs"
_AAC_LC = "mp4a.40.2"


def write_multivariant(directory: Path, plan: Plan, encoded: Mapping[str, Path]) -> None:
    """Write `master.m3u8` over the media playlists, which are in the directory already."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_sound_line(sound, plan) for sound in plan.audio]
    lines += [_text_line(text) for text in plan.text]
    alternate = _highest([measured_rate(directory, sound.name) for sound in plan.alternate_sounds])
    for picture in plan.video_in_playlist_order:
        rate = measured_rate(directory, picture.name) + alternate
        lines += _variant_lines(picture, plan, rate, _avc_codec(encoded[picture.name]))
    for picture in plan.video_in_playlist_order:
        if (directory / release.iframe_playlist_name(picture.name)).is_file():
            lines.append(_iframe_line(picture, directory, _avc_codec(encoded[picture.name])))
    (directory / release.MASTER).write_text("\n".join(lines) + "\n")


@dataclass(frozen=True)
class Rate:
    """Bits per second: of the busiest segment, and over the whole title."""

    peak: int = 0
    average: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.peak + other.peak, self.average + other.average)


def measured_rate(directory: Path, name: str) -> Rate:
    """The rate of the segments that a rendition's playlist names.

    A last segment shorter than half the others says nothing of the peak (RFC 8216, 4.1).
    """
    playlist = m3u8.loads((directory / release.playlist_name(name)).read_text())
    sizes = [
        ((directory / str(segment.uri)).stat().st_size * 8, float(segment.duration or 0))
        for segment in playlist.segments
    ]
    return _rate(sizes)


def _rate(sizes: list[tuple[int, float]]) -> Rate:
    longest = max((seconds for _, seconds in sizes), default=0.0)
    if not longest:
        return Rate()
    peak = max(bits / seconds for bits, seconds in sizes if seconds >= longest / 2)
    average = sum(bits for bits, _ in sizes) / sum(seconds for _, seconds in sizes)
    return Rate(round(max(peak, average)), round(average))


def _highest(rates: list[Rate]) -> Rate:
    """The most that the choice of one among the alternate sounds adds (RFC 8216, 4.3.4.2)."""
    return Rate(
        max((rate.peak for rate in rates), default=0), max((rate.average for rate in rates), default=0)
    )


def _avc_codec(encoded: Path) -> str:
    """`avc1.` and profile, constraints and level of the decoder configuration (RFC 6381, 3.3)."""
    with av.open(str(encoded)) as container:
        configuration = container.streams.video[0].codec_context.extradata or b""
    return f"avc1.{configuration[1:4].hex()}"


def _sound_line(sound: AudioRendition, plan: Plan) -> str:
    within = sound == plan.muxed_sound
    uri = {} if within else {"URI": _quoted(release.playlist_name(sound.name))}
    # What is muxed is what plays unless the viewer chooses: the default, whatever the source said.
    return _tag(
        "#EXT-X-MEDIA",
        {
            "TYPE": "AUDIO",
            "GROUP-ID": _quoted(_AUDIO_GROUP),
            "LANGUAGE": _quoted(sound.language),
            "NAME": _quoted(sound.label),
            "DEFAULT": "YES" if within else "NO",
            "AUTOSELECT": "YES",
            "CHANNELS": _quoted(str(sound.channels)),
            **uri,
        },
    )


def _text_line(text: TextRendition) -> str:
    return _tag(
        "#EXT-X-MEDIA",
        {
            "TYPE": "SUBTITLES",
            "GROUP-ID": _quoted(_TEXT_GROUP),
            "LANGUAGE": _quoted(text.language),
            "NAME": _quoted(text.label),
            "DEFAULT": "YES" if text.default else "NO",
            "AUTOSELECT": "YES",
            "FORCED": "YES" if text.forced else "NO",
            "URI": _quoted(release.playlist_name(text.name)),
        },
    )


def _variant_lines(picture: VideoRendition, plan: Plan, rate: Rate, codec: str) -> Iterator[str]:
    attributes = {
        "BANDWIDTH": str(rate.peak),
        "AVERAGE-BANDWIDTH": str(rate.average),
        "CODECS": _quoted(f"{codec},{_AAC_LC}" if plan.audio else codec),
        "RESOLUTION": f"{picture.width}x{picture.height}",
        "FRAME-RATE": f"{float(plan.frame_rate):.3f}",
    }
    if plan.audio:
        attributes["AUDIO"] = _quoted(_AUDIO_GROUP)
    if plan.text:
        attributes["SUBTITLES"] = _quoted(_TEXT_GROUP)
    yield _tag("#EXT-X-STREAM-INF", attributes | {"CLOSED-CAPTIONS": "NONE"})
    yield release.playlist_name(picture.name)


def _iframe_line(picture: VideoRendition, directory: Path, codec: str) -> str:
    name = release.iframe_playlist_name(picture.name)
    rate = _iframe_rate(directory / name)
    return _tag(
        "#EXT-X-I-FRAME-STREAM-INF",
        {
            "BANDWIDTH": str(rate.peak),
            "AVERAGE-BANDWIDTH": str(rate.average),
            "CODECS": _quoted(codec),
            "RESOLUTION": f"{picture.width}x{picture.height}",
            "URI": _quoted(name),
        },
    )


def _iframe_rate(playlist: Path) -> Rate:
    entries = m3u8.loads(playlist.read_text()).segments
    return _rate(
        [(int(str(entry.byterange).partition("@")[0]) * 8, float(entry.duration or 0)) for entry in entries]
    )


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return f"{name}:{','.join(f'{key}={value}' for key, value in attributes.items())}"


def _quoted(text: str) -> str:
    return f'"{text}"'
