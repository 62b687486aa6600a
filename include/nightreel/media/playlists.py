"""What the packager rounds in the playlists, or leaves out of them, put right."""

import re
from fractions import Fraction
from pathlib import Path

from mpegdash.parser import MPEGDASHParser

from nightreel import release
from nightreel.media.plan import Plan
from nightreel.media.renditions import AudioRendition

_URI = re.compile(r'URI="([^"]*)"')


def refine_playlists(directory: Path, plan: Plan) -> None:
    """Exact durations in every media playlist, and complete EXT-X-MEDIA lines.

    The packager writes EXTINF in whole milliseconds. At 29.97 fps that is wrong by a tenth of
    one in each segment, which adds up to a frame in half an hour; the MPD has the same durations
    in the media's own ticks. A playlist with another count of entries is left as it is.
    """
    durations = _segment_durations(directory / release.MPD)
    for rendition in plan.renditions:
        name = release.playlist_name(rendition.name)
        _rewrite_durations(directory / name, durations[release.stream_name(rendition.name)])
    for picture in plan.video:
        _rewrite_durations(directory / release.iframe_playlist_name(picture.name), _gop_durations(plan))
    _complete_audio_lines(directory / release.MASTER, plan)


def _segment_durations(mpd: Path) -> dict[str, list[Fraction]]:
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


def _gop_durations(plan: Plan) -> list[Fraction]:
    starts = range(0, plan.frames, plan.gop_frames)
    return [min(plan.gop_frames, plan.frames - start) / plan.frame_rate for start in starts]


def _rewrite_durations(playlist: Path, durations: list[Fraction]) -> None:
    lines = playlist.read_text().splitlines()
    places = [position for position, line in enumerate(lines) if line.startswith("#EXTINF:")]
    if len(places) != len(durations):
        # The picture was not cut as planned: the gate measures that, and says it better.
        return
    for position, seconds in zip(places, durations, strict=True):
        lines[position] = f"#EXTINF:{float(seconds):.6f},"
    playlist.write_text("\n".join(lines) + "\n")


def _complete_audio_lines(master: Path, plan: Plan) -> None:
    """Say what the packager leaves out of EXT-X-MEDIA.

    Every one needs a LANGUAGE (Apple HLS authoring rule 8.10; `und` per RFC 5646, 4.1), and
    exactly one of the group is the DEFAULT, which the packager decides by language alone.
    """
    by_playlist = {release.playlist_name(audio.name): audio for audio in plan.audio}
    lines = master.read_text().splitlines()
    for position, line in enumerate(lines):
        uri = _URI.search(line)
        if line.startswith("#EXT-X-MEDIA:TYPE=AUDIO") and uri and uri[1] in by_playlist:
            lines[position] = _completed(line, by_playlist[uri[1]])
    master.write_text("\n".join(lines) + "\n")


def _completed(line: str, audio: AudioRendition) -> str:
    line = re.sub(r"\bDEFAULT=(YES|NO)", f"DEFAULT={'YES' if audio.default else 'NO'}", line)
    return line if "LANGUAGE=" in line else f'{line},LANGUAGE="{audio.language}"'
