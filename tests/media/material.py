"""Sources of many parts, drawn by a property test: what they hold is known, and written by FFmpeg."""

import json
import subprocess
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from corpus.captions import said_by, with_captions
from tests.media import charts
from tests.media.charts import Coding, hevc
from tests.media.text_tracks import ENCODERS, words, write_text

FRAMES = 25
"""One second of the chart."""

_H264 = ("libx264", "-preset", "ultrafast", "-crf", "2", "-bf", "0")
_WIDE = {"pixel_format": "yuv420p10le", "matrix": "bt2020nc", "primaries": "bt2020"}
CODINGS = {
    "BT.709": Coding(encoder=_H264),
    "full range": Coding(full_range=True, encoder=_H264),
    "BT.601": Coding(matrix="smpte170m", full_range=True, encoder=_H264),
    "10 bits": Coding(pixel_format="yuv420p10le", encoder=_H264),
    "4:4:4": Coding(pixel_format="yuv444p", encoder=_H264),
    "4:2:2 in 10 bits": Coding(pixel_format="yuv422p10le", encoder=_H264),
    "untagged": Coding(matrix="smpte170m", said="nowhere", encoder=_H264),
    "P3": Coding(primaries="smpte432", encoder=_H264),
    "BT.2020": Coding(**_WIDE, transfer="bt2020-10", encoder=_H264),  # type: ignore[arg-type]
    "PQ": Coding(**_WIDE, transfer="smpte2084", encoder=hevc()),  # type: ignore[arg-type]
    "HLG": Coding(**_WIDE, transfer="arib-std-b67", encoder=hevc()),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class _Container:
    """What one can hold. `sound` is an encoder of FFmpeg, `texts` are names of ffprobe."""

    sound: str
    texts: tuple[str, ...]


CONTAINERS = {
    "mkv": _Container("flac", ("subrip", "ass", "webvtt", "hdmv_pgs_subtitle")),
    "ts": _Container("ac3", ("dvb_subtitle", "dvb_teletext")),
    "mp4": _Container("aac", ("mov_text",)),
    "mov": _Container("pcm_s16le", ("mov_text", "eia_608")),
}
"""By their suffixes."""


@dataclass(frozen=True)
class Heard:
    """A tone."""

    channels: int
    language: str
    seconds: float


@dataclass(frozen=True)
class Material:
    """What a source is made of. `coding` is a name of CODINGS; it carries `captions` and `services`.

    `container` is a name of CONTAINERS, and `texts` are of those that it can hold.
    """

    coding: str = "BT.709"
    transparent: bool = False
    captions: tuple[str, ...] = ()
    services: tuple[int, ...] = ()
    sounds: tuple[Heard, ...] = ()
    texts: tuple[str, ...] = ()
    container: str = "mkv"

    def written(self, folder: Path, ffmpeg: str) -> Path:
        """The source, in one piece."""
        inputs = [_picture(self, folder, ffmpeg)]
        command = [ffmpeg, "-v", "error", "-y"]
        inputs += [write_text(kind, number, folder) for number, kind in enumerate(self.texts)]
        command += chain.from_iterable(("-i", str(path)) for path in inputs)
        for sound in self.sounds:
            tone = f"sine=frequency=440:sample_rate=48000:duration={sound.seconds}"
            command += ["-f", "lavfi", "-i", tone]
        order = [0, *range(len(inputs), len(inputs) + len(self.sounds)), *range(1, len(inputs))]
        command += chain.from_iterable(("-map", str(number)) for number in order)
        command += ["-c", "copy", "-c:a", CONTAINERS[self.container].sound]
        for number, kind in enumerate(self.texts):
            command += [f"-c:s:{number}", ENCODERS.get(kind, "copy")]
        for number, sound in enumerate(self.sounds):
            command += [f"-ac:a:{number}", str(sound.channels)]
            command += [f"-metadata:s:a:{number}", f"language={sound.language}"]
        source = folder / f"source.{self.container}"
        subprocess.run([*command, str(source)], check=True, timeout=60)
        return source


_languages = st.sampled_from(["eng", "spa", "und"])
_heard = st.builds(Heard, st.sampled_from([1, 2, 6]), _languages, st.sampled_from([0.5, 1.0, 1.3, 2.0]))


def _materials(container: str) -> st.SearchStrategy[Material]:
    return st.builds(
        Material,
        coding=st.sampled_from(sorted(CODINGS)),
        captions=st.lists(st.sampled_from(["CC1", "CC2", "CC3", "CC4"]), unique=True, max_size=4).map(tuple),
        services=st.sampled_from([(), (1,), (1, 2)]),
        sounds=st.lists(_heard, max_size=3).map(tuple),
        texts=st.lists(st.sampled_from(CONTAINERS[container].texts), max_size=2).map(tuple),
        container=st.just(container),
    )


materials = st.sampled_from(sorted(CONTAINERS)).flatmap(_materials) | st.builds(
    Material, transparent=st.just(True)
)


def _picture(material: Material, folder: Path, ffmpeg: str) -> Path:
    coding = CODINGS[material.coding]
    if material.transparent:
        path = folder / "picture.mkv"
        picture = "color=lime:size=192x144:rate=25:duration=1,format=rgba,colorchannelmixer=aa=0.5"
        command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-c:v", "ffv1"]
        subprocess.run([*command, "-pix_fmt", "yuva420p", str(path)], check=True, timeout=60)
        return path
    if coding.encoder is not _H264:
        return _repeated(charts.write_chart(coding, folder / "chart.mp4", ffmpeg), folder, ffmpeg)
    chart = charts.write_chart(coding, folder / "chart.mp4", ffmpeg)
    stream = folder / "chart.h264"
    command = [ffmpeg, "-v", "error", "-y", "-i", str(chart), "-c", "copy", "-bsf:v"]
    command.append("h264_mp4toannexb,h264_metadata=aud=insert")
    subprocess.run([*command, str(stream)], check=True, timeout=60)
    # Each is loaded with a picture of its own, of which none has room for two.
    shown = {name: {5 + 3 * place: words(name), 20: ""} for place, name in enumerate(material.captions)}
    said = said_by(shown, FRAMES, material.services)
    captioned = folder / "captioned.h264"
    captioned.write_bytes(with_captions(stream.read_bytes() * (FRAMES // 5), said))
    path = folder / "picture.mp4"
    command = [ffmpeg, "-v", "error", "-y", "-framerate", "25", "-i", str(captioned), "-c", "copy", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def _repeated(chart: Path, folder: Path, ffmpeg: str) -> Path:
    path = folder / "picture.mp4"
    command = [ffmpeg, "-v", "error", "-y", "-stream_loop", str(FRAMES // 5 - 1), "-i", str(chart)]
    subprocess.run([*command, "-c", "copy", "-tag:v", "hvc1", str(path)], check=True, timeout=60)
    return path


def looked_at(path: Path, ffprobe: str, *options: str) -> dict[str, Any]:
    """ffprobe's answer, in its own defaults."""
    command = [ffprobe, "-v", "error", "-of", "json", *options, str(path)]
    told: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    )
    return told
