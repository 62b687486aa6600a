"""Films of real pictures, made of the clips in NIGHTREEL_CLIPS as FFmpeg makes H.264 and AAC by default."""

import json
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Literal

from nightreel.errors import Permanent
from nightreel.local.home import Home
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.places import PROJECT_ROOT

CLIPS = Path(os.environ.get("NIGHTREEL_CLIPS", PROJECT_ROOT.parent / "shared" / "clips"))

_ENCODE_SECONDS = 4 * 3600.0
_CUT_SECONDS = 600.0
_RATE = 25
_WIDTHS = {480: 854, 1080: 1920}
_SOUND = "aresample=48000,aformat=channel_layouts=stereo:sample_fmts=fltp"


class NoFilm(Permanent):
    """The film, or enough pieces of it, cannot be made; the message says why."""


@dataclass(frozen=True)
class Clip:
    """A clip and the part of it that is shown, in seconds. `picture` is its number among the pictures."""

    name: str
    start: float
    seconds: float
    picture: int = 0


_REEL = (
    Clip("world_480x270_30s_stereo.mp4", 0.0, 10.0),
    Clip("edit_begins_before_first_keyframe.mp4", 0.6, 1.6),
    Clip("small_426x240_27s.mp4", 0.0, 9.0),
    Clip("mp3_in_mp4_640x360.mp4", 0.0, 9.5),
    Clip("world_480x270_30s_stereo.mp4", 10.0, 10.0),
    Clip("two_video_two_audio_movtext.mp4", 0.0, 13.0, picture=1),
    Clip("small_426x240_27s.mp4", 9.0, 9.0),
    Clip("edit_list_hlg_rotated.mp4", 0.0, 2.5),
    Clip("world_480x270_30s_stereo.mp4", 20.0, 10.0),
    Clip("small_426x240_27s.mp4", 18.0, 9.0),
)


def film(seconds: float, ffmpeg: str, say: Callable[[str], None], height: Literal[480, 1080] = 1080) -> Path:
    """16:9 in 25 fps and stereo of this length, by x264 and AAC at FFmpeg's defaults. Made once and kept.

    Where the clips end, they begin again. Raises NoFilm without the clips, and EncoderFailed.
    """
    cache = Home.from_environment().root / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    size = "" if height == 1080 else f"_{height}p"
    path = cache / f"bench_film_{seconds:g}s{size}.mp4"
    if path.exists():
        return path
    if missing := sorted({clip.name for clip in _REEL if not (CLIPS / clip.name).is_file()}):
        raise NoFilm(f"NIGHTREEL_CLIPS must name the folder with {', '.join(missing)}")
    say(f"Making a film of {seconds:g} s, {height}p")
    partial = path.with_suffix(".part")
    try:
        process.run(
            [
                *(ffmpeg, "-nostdin", "-y", "-v", "error"),
                *_joined(seconds, _picture(height)),
                *("-t", str(seconds), "-c:v", "libx264", "-c:a", "aac", "-f", "mp4", str(partial)),
            ],
            timeout_seconds=_ENCODE_SECONDS,
            sandbox=Sandbox(reads=(CLIPS,), writes=(cache,)),
        )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _picture(height: int) -> str:
    size = f"{_WIDTHS[height]}:{height}"
    return (
        f"fps={_RATE},scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2,pad={size}:-1:-1,"
        "setsar=1,format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    )


def _joined(seconds: float, picture: str) -> list[str]:
    inputs: list[str] = []
    chains: list[str] = []
    labels = ""
    left = seconds + 1
    for number, clip in enumerate(cycle(_REEL)):
        inputs += ["-ss", str(clip.start), "-t", str(clip.seconds), "-i", f"file:{CLIPS / clip.name}"]
        chains += [
            f"[{number}:v:{clip.picture}]{picture}[v{number}]",
            f"[{number}:a:0]{_SOUND}[a{number}]",
        ]
        labels += f"[v{number}][a{number}]"
        left -= clip.seconds
        if left <= 0:
            # A sound may be longer than its picture, and the gap is filled.
            joined = f"{labels}concat=n={number + 1}:v=1:a=1[joined][a];[joined]fps={_RATE}[v]"
            return [*inputs, "-filter_complex", ";".join([*chains, joined]), "-map", "[v]", "-map", "[a]"]
    raise AssertionError("the reel has no end")


_TITLES = (
    "edit_list_854x480.mp4",
    "soft_telecine_dvd.mkv",
    "mv_with_2_top_shots.mp4",
    "edit_list_hlg_rotated.mp4",
    "edit_begins_before_first_keyframe.mp4",
    "portrait_720x1080.mp4",
    "rotated_minus90.mp4",
    "hevc_854x480.mp4",
)
_LONG = "long_1080p_362s.mp4"
_LONG_SECONDS = 40.0
_FILM_SECONDS = 100.0
_SHORTS_SECONDS = 300.0


def real_titles(folder: Path, binaries: Binaries, say: Callable[[str], None]) -> list[Path]:
    """Ten titles of 480 lines and more: clips, the beginning of a long one, and a film.

    Raises NoFilm without the clips.
    """
    if missing := sorted(name for name in (*_TITLES, _LONG) if not (CLIPS / name).is_file()):
        raise NoFilm(f"NIGHTREEL_CLIPS must name the folder with {', '.join(missing)}")
    return [
        film(_FILM_SECONDS, binaries.ffmpeg, say),
        _beginning(CLIPS / _LONG, folder, binaries.ffmpeg),
        *(CLIPS / name for name in _TITLES),
    ]


_MIXED_CLIPS = ("world_480x270_30s_stereo.mp4", "small_426x240_27s.mp4", "edit_list_854x480.mp4")
_MIXED_SECONDS = (60.0, 60.0, 30.0, 20.0)


def mixed_titles(folder: Path, binaries: Binaries, say: Callable[[str], None]) -> list[Path]:
    """Eight titles of a backlog: pieces of a film of 9 to 60 s, clips of 240 and more lines.

    Raises NoFilm without the clips.
    """
    if missing := sorted(name for name in (*_MIXED_CLIPS, _LONG) if not (CLIPS / name).is_file()):
        raise NoFilm(f"NIGHTREEL_CLIPS must name the folder with {', '.join(missing)}")
    whole = film(_FILM_SECONDS, binaries.ffmpeg, say)
    cut = []
    for number, seconds in enumerate(_MIXED_SECONDS):
        place = folder / f"mixed_{number}"
        place.mkdir()
        # The two longest are two different pieces.
        cut.append(pieces(whole, number % 2 + 1, seconds, place, binaries)[-1])
    return [
        *cut,
        _beginning(CLIPS / _LONG, folder, binaries.ffmpeg),
        *(CLIPS / name for name in _MIXED_CLIPS),
    ]


def short_clips(count: int, folder: Path, binaries: Binaries, say: Callable[[str], None]) -> list[Path]:
    """So many clips of about 10 s, 480p, cut from a film of five minutes. Raises NoFilm without the clips."""
    return pieces(film(_SHORTS_SECONDS, binaries.ffmpeg, say, 480), count, 10.0, folder, binaries)


def _beginning(whole: Path, folder: Path, ffmpeg: str) -> Path:
    """The first part of a film, copied."""
    path = folder / f"{whole.stem}_begins.mp4"
    process.run(
        [
            *(ffmpeg, "-nostdin", "-y", "-v", "error", "-t", str(_LONG_SECONDS), "-i", f"file:{whole}"),
            *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", f"file:{path}"),
        ],
        timeout_seconds=_CUT_SECONDS,
        sandbox=Sandbox(reads=(whole,), writes=(folder,)),
    )
    return path


def pieces(whole: Path, count: int, seconds: float, folder: Path, binaries: Binaries) -> list[Path]:
    """So many different pieces of a film, each of about this length, cut at keyframes without encoding.

    Each begins and ends with another pair of keyframes; they overlap. Raises NoFilm if the film has fewer.
    """
    keyframes = _keyframes(whole, binaries.ffprobe)
    spans = sorted(
        ((began, ended) for began in keyframes for ended in keyframes if ended > began),
        key=lambda span: (abs(span[1] - span[0] - seconds), span),
    )
    if len(spans) < count:
        raise NoFilm(f"a film with {len(keyframes)} keyframes has only {len(spans)} pieces: make it longer")
    return [
        _piece(whole, span, folder / f"piece_{number}", binaries.ffmpeg)
        for number, span in enumerate(spans[:count], 1)
    ]


def _keyframes(path: Path, ffprobe: str) -> list[float]:
    """Seconds at which each keyframe is shown."""
    command = [ffprobe, "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags"]
    said = process.lines(
        [*command, "-of", "json=compact=1", f"file:{path}"],
        timeout_seconds=_CUT_SECONDS,
        sandbox=Sandbox(reads=(path,)),
        stderr=deque(maxlen=process.STDERR_LINES),
    )
    packets = json.loads("".join(said))["packets"]
    return sorted(float(packet["pts_time"]) for packet in packets if "K" in packet["flags"])


def _piece(whole: Path, span: tuple[float, float], folder: Path, ffmpeg: str) -> Path:
    """Cut by the segment muxer, which writes no edit list that would hide a frame."""
    folder.mkdir()
    times = ",".join(f"{moment:.3f}" for moment in span if moment > 0)
    process.run(
        [
            *(ffmpeg, "-nostdin", "-y", "-v", "error", "-i", f"file:{whole}", "-map", "0", "-c", "copy"),
            *("-f", "segment", "-segment_times", times, "-reset_timestamps", "1"),
            *("-segment_format", "mp4", f"{folder}/%d.mp4"),
        ],
        timeout_seconds=_CUT_SECONDS,
        sandbox=Sandbox(reads=(whole,), writes=(folder,)),
    )
    wanted = folder / ("1.mp4" if span[0] > 0 else "0.mp4")
    for other in folder.iterdir():
        if other != wanted:
            other.unlink()
    return wanted
