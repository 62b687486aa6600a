"""The colours of a source on the network, as far as an on-the-fly stream needs them."""

import json
from typing import Any

from nightreel.media.inspection.first_frames import FIRST_FRAMES, as_told
from nightreel.media.inspection.probe_picture import video_stream
from nightreel.media.inspection.which_picture import film_of, picture_tracks
from nightreel.media.programs.remote_input import remote_arguments
from nightreel.media.source import VideoStream


def describing_command(url: str, ffprobe: str) -> list[str]:
    """The command that writes the source's picture tracks, and their first frames, to stdout as JSON."""
    described = ["-of", "json", "-show_streams", "-select_streams", "v", *FIRST_FRAMES]
    return [ffprobe, "-v", "error", *described, *remote_arguments(url)]


def picture_in(described: str) -> VideoStream | None:
    """The picture that a player would show, from the output of `describing_command`; None if there is none.

    Raises SourceRejected with code `dolby_vision_only` for one that only a Dolby Vision decoder can show.
    """
    try:
        told: dict[str, list[dict[str, Any]]] = json.loads(described)
    except ValueError:
        # It was cut short. FFmpeg will report what it cannot read.
        return None
    streams = [stream for stream in told.get("streams", []) if "codec_name" in stream]
    film = film_of(picture_tracks(streams))
    if film is None:
        return None
    picture = video_stream(next(stream for stream in streams if stream["index"] == film.index))
    return as_told(picture, told.get("frames", []))
