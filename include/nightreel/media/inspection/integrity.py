"""Whether a source can be decoded, by samples or as a whole, before hours are spent on encoding it.

A frame counts as damaged when its decoder said so: it was repaired (FFmpeg's `decode_error_flags` and
AV_FRAME_FLAG_CORRUPT), refused, or left out after an error. Frames that only refer to a damaged one are
not counted, nor is damage that a decoder cannot notice: few formats have checksums.
"""

import json
import sys
from collections import Counter, deque
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import av
from pydantic import BaseModel, ConfigDict

from nightreel.errors import EncoderFailed
from nightreel.figures import timecode
from nightreel.media.inspection import decoding
from nightreel.media.inspection.changes import late_start, with_sizes_seen
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.source import AudioStream, SourceProbe
from nightreel.vocabulary.media import DecodeCheck

SAMPLES = 6
SAMPLE_SECONDS = 4.0
A_FEW_FRAMES = 3
"""This many may be damaged however short the title is, unless none may."""
_LOST_SOUND = 0.5
"""With this share of damaged packets, a sound is no longer worth hearing."""
_TIMEOUT_SECONDS = 600.0
_TIMEOUT_FACTOR = 5.0

_Stretch = tuple[float, float | None]


class Damage(BaseModel):
    """The damage in the decoded part of one track. `first` in seconds from the file's start."""

    model_config = ConfigDict(frozen=True)

    packets: int = 0
    damaged: int = 0
    first: float | None = None
    late: int = 0
    """Packets before the first frame that could be decoded, if the file's beginning was decoded."""
    sizes: dict[str, int] = {}
    """How many picture frames have each size, such as `640x360`."""

    def __add__(self, other: "Damage") -> "Damage":
        firsts = [first for first in (self.first, other.first) if first is not None]
        return Damage(
            packets=self.packets + other.packets,
            damaged=self.damaged + other.damaged,
            first=min(firsts, default=None),
            late=self.late + other.late,
            sizes=dict(Counter(self.sizes) + Counter(other.sizes)),
        )


def tolerated(frames: int, tolerance: float) -> int:
    """How many of these frames may be damaged; `tolerance` is a share."""
    return max(int(frames * tolerance), A_FEW_FRAMES if tolerance else 0)


def decodable(source: SourceProbe, path: Path, how: DecodeCheck, tolerance: float) -> SourceProbe:
    """The source with warnings about damage, and without sounds that are too damaged.

    If samples show more damage than `tolerance`, a share of the frames, the whole source is decoded before
    it is judged. Raises SourceRejected (`undecodable`) for such a picture, and EncoderFailed when the
    decoder crashed or took too long.
    """
    if how == "off":
        return source
    stretches = _samples(source.duration) if how == "sampled" else [(0.0, None)]
    found = _decode(source, path, stretches)
    sampled = stretches != [(0.0, None)]
    if sampled and _severe(source, found, tolerance):
        sampled = False
        found = _decode(source, path, [(0.0, None)], tolerated(source.frames, tolerance))
    picture = found[source.video.index]
    _require_decodable(source, picture, tolerance)
    video, resized = with_sizes_seen(source.video, picture.sizes)
    warnings = [_picture_warning(picture, sampled), late_start(picture.late, source.video), resized]
    warnings += [_sound_warning(sound, found[sound.index]) for sound in source.audio]
    lost = {sound.index: _lost_sound(sound) for sound in source.audio if _lost(found[sound.index])}
    return source.model_copy(
        update={
            "video": video,
            "damaged_frames": None if sampled else picture.damaged,
            "damage_seen": picture.damaged,
            "audio": tuple(
                sound.model_copy(update={"damage_seen": found[sound.index].damaged})
                for sound in source.audio
                if sound.index not in lost
            ),
            "tracks": tuple(
                track.model_copy(update={"left_out": lost.get(track.index, track.left_out)})
                for track in source.tracks
            ),
            "warnings": (*source.warnings, *filter(None, warnings)),
        }
    )


def _samples(duration: float) -> list[_Stretch]:
    """Spread over the title, including its start and end; all of a short title."""
    if duration <= 2 * SAMPLES * SAMPLE_SECONDS:
        return [(0.0, None)]
    last = duration - SAMPLE_SECONDS
    return [(last * number / (SAMPLES - 1), SAMPLE_SECONDS) for number in range(SAMPLES)]


def _severe(source: SourceProbe, found: dict[int, Damage], tolerance: float) -> bool:
    picture = found[source.video.index]
    return picture.damaged > tolerated(picture.packets, tolerance) or any(
        _lost(found[sound.index]) for sound in source.audio
    )


def _decode(
    source: SourceProbe, path: Path, stretches: Sequence[_Stretch], enough: int | None = None
) -> dict[int, Damage]:
    """The damage by track index. Stops early once more than `enough` frames are damaged."""
    latest: dict[tuple[int, int], Damage] = {}
    with closing(_lines(source, path, stretches)) as lines:
        for line in lines:
            found = Damage.model_validate(line)
            latest[line["stretch"], line["track"]] = found
            if enough is not None and line["track"] == source.video.index and found.damaged > enough:
                break
    tracks = (source.video.index, *(sound.index for sound in source.audio))
    return {
        track: sum((found for (_, of), found in latest.items() if of == track), Damage()) for track in tracks
    }


def _lines(
    source: SourceProbe, path: Path, stretches: Sequence[_Stretch]
) -> Generator[dict[str, int], None, None]:
    request = decoding.Request(
        path=local(path),
        options=INPUT_OPTIONS,
        video=source.video.index,
        audio=[sound.index for sound in source.audio],
        stretches=list(stretches),
    )
    # The program's folder must not come first on the module search path.
    command = [sys.executable, "-P", decoding.__file__, json.dumps(vars(request))]
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    seconds = _TIMEOUT_SECONDS + _TIMEOUT_FACTOR * source.duration
    sandbox = Sandbox(reads=(path, Path(decoding.__file__), Path(av.__file__).parents[1]))
    for text in process.lines(command, timeout_seconds=seconds, sandbox=sandbox, stderr=said):
        line = json.loads(text)
        if line == decoding.DONE:
            return
        yield line
    raise EncoderFailed(f"the decode check ended early; it said: {' '.join(said)}")


def _require_decodable(source: SourceProbe, picture: Damage, tolerance: float) -> None:
    if picture.damaged > tolerated(source.frames, tolerance):
        whole = picture.packets >= source.frames
        raise Refusal.UNDECODABLE.because(
            damaged=picture.damaged if whole else f"at least {picture.damaged}",
            frames=source.frames,
            where=_first(picture),
        )


def _picture_warning(picture: Damage, sampled: bool) -> str:
    if not picture.packets:
        return "The picture could not be checked before it was encoded."
    if not picture.damaged:
        return ""
    looked_at = " that were checked" if sampled else ""
    return (
        f"The picture is damaged in places: {picture.damaged} of {picture.packets} frames{looked_at} cannot "
        f"be decoded correctly{_first(picture)}."
    )


def _sound_warning(sound: AudioStream, found: Damage) -> str:
    if not found.damaged or _lost(found):
        return ""
    return (
        f"{_name(sound)} is damaged: {found.damaged} of {found.packets} packets that were checked cannot be "
        f"decoded{_first(found)}."
    )


def _lost_sound(sound: AudioStream) -> str:
    return f"{_name(sound)} cannot be decoded; it was left out."


def _name(sound: AudioStream) -> str:
    return f"Sound track {sound.index} ({sound.language})"


def _first(found: Damage) -> str:
    return "" if found.first is None else f", the first at {timecode(found.first)}"


def _lost(found: Damage) -> bool:
    return found.damaged > found.packets * _LOST_SOUND
