"""Renditions encoded otherwise than planned, and the rule that is meant to notice."""

from dataclasses import dataclass
from pathlib import Path

from tests.checks.material import Material, ffmpeg


@dataclass(frozen=True)
class Reencoding:
    """A rendition encoded otherwise than planned, packaged without complaint."""

    name: str
    rendition: str
    options: tuple[str, ...]
    rules: tuple[str, ...]


def _picture(
    filters: str = "null", *, gop: int = 60, profile: str = "high", pixels: str = "yuv420p"
) -> tuple[str, ...]:
    return (
        "-vf", f"{filters},format={pixels}", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "500k",
        "-profile:v", profile, "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0",
        "-flags:v", "+cgop", "-video_track_timescale", "10020", "-movflags", "+negative_cts_offsets",
        "-fps_mode", "passthrough",
    )  # fmt: skip


def _tagged(tags: str) -> tuple[str, ...]:
    """The same picture, which says something else of itself."""
    return ("-c", "copy", "-bsf:v", f"h264_metadata={tags}", "-movflags", "+negative_cts_offsets")


_SOUND = ("-c:a", "aac", "-b:a", "64k", "-use_editlist", "0")

REENCODINGS = (
    Reencoding("keyframes elsewhere", "240p", _picture(gop=50), ("same-boundaries", "segment-start")),
    Reencoding(
        "keyframes too far apart",
        "240p",
        _picture(gop=180),
        ("keyframe-interval", "keyframe-grid", "i-frame-count"),
    ),
    Reencoding("an upscaled picture", "360p", _picture("scale=854:480,setsar=1"), ("never-upscaled",)),
    Reencoding("another shape", "240p", _picture("scale=320:240,setsar=1"), ("same-aspect",)),
    Reencoding(
        "pixels that are not square", "240p", _picture("scale=426:240,setsar=4/3"), ("square-pixels",)
    ),
    Reencoding(
        "4:4:4", "240p", _picture(profile="high444", pixels="yuv444p"), ("pixel-format", "profile")
    ),
    Reencoding("10 bits", "240p", _picture(profile="high10", pixels="yuv420p10le"), ("pixel-format",)),
    Reencoding("another picture", "240p", _picture("negate"), ("same-picture",)),
    Reencoding("colours that are another's", "240p", _tagged("colour_primaries=5"), ("colours",)),
    Reencoding("a range that is said to be full", "240p", _tagged("video_full_range_flag=1"), ("colours",)),
    Reencoding(
        "a picture of one second less", "240p", ("-t", "13", *_picture()), ("frame-count", "output-duration")
    ),
    Reencoding("sound of half a second less", "audio_en", ("-t", "13.5", *_SOUND), ("audio-end",)),
    Reencoding(
        "sound of half a second more", "audio_en", ("-af", "apad=pad_dur=0.5", *_SOUND), ("audio-end",)
    ),
    Reencoding(
        "sound at another rate", "audio_en", ("-ar", "44100", *_SOUND), ("sample-rate",)
    ),
)  # fmt: skip


def reencode(material: Material, damage: Reencoding, folder: Path) -> Material:
    path = folder / f"{damage.rendition}.mp4"
    ffmpeg("-i", str(material.encoded[damage.rendition]), *damage.options, str(path))
    return material.repackaged(folder / "release", **{damage.rendition: path})
