"""The tracks beside the picture as ffprobe describes them: sound, subtitles, and their languages."""

from typing import Any

from nightreel.media.inspection.languages import language_name, language_tag
from nightreel.media.source import CAPTION_TRACK, AudioStream, TextStream

_UNDECODABLE_CODECS = {"4gv", "ac4", "apple_apac", "celt", "lc3", "mpegh_3d_audio", "smv"}
"""Codecs that FFmpeg knows only by name. New phones record Apple's beside an ordinary sound track."""
_TEXT_CODECS = {
    CAPTION_TRACK, "ass", "jacosub", "microdvd", "mov_text", "mpl2", "pjs", "realtext", "sami", "ssa", "stl",
    "srt", "subrip", "subviewer", "subviewer1", "text", "vplayer", "webvtt",
}  # fmt: skip
_ANCILLARY_CODECS = {"smpte_436m_anc", "smpte_2038"}
"""Ancillary data that was sent along with the picture (SMPTE ST 291): in MXF, and in MPEG-TS."""
_PICTURE_CODECS = {"dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"}


def audio_streams(
    streams: list[dict[str, Any]], filled: frozenset[int], left_out: dict[int, str]
) -> tuple[AudioStream, ...]:
    """The sound tracks that can be decoded; `left_out` gets a sentence for every other one.

    `filled` has the indexes of the tracks with any packets.
    """
    found = []
    for stream in streams:
        if stream.get("codec_type") != "audio":
            continue
        if fault := _fault(stream, filled):
            left_out[stream["index"]] = f"Sound track {stream['index']} {fault}; it was left out."
            continue
        layout = stream.get("channel_layout", "")
        found.append(
            AudioStream(
                index=stream["index"],
                codec=stream["codec_name"],
                channels=int(stream["channels"]),
                layout="" if layout == "unknown" else layout,
                sample_rate=int(stream.get("sample_rate", 0)),
                language=_language(stream),
                title=_title(stream),
                default=_is(stream, "default"),
            )
        )
    return tuple(found)


def tell_of_ancillary(streams: list[dict[str, Any]], left_out: dict[int, str]) -> None:
    """Adds to `left_out` a sentence for every data track in which broadcasters keep captions."""
    for stream in streams:
        if stream.get("codec_name") in _ANCILLARY_CODECS:
            left_out[stream["index"]] = (
                f"Track {stream['index']} holds ancillary data ({stream['codec_name']}), in which "
                "broadcasters keep closed captions; it was left out."
            )


def _fault(stream: dict[str, Any], filled: frozenset[int]) -> str:
    if stream.get("codec_name", "unknown") == "unknown" or int(stream.get("channels", 0)) == 0:
        return "has no usable description and cannot be decoded"
    if stream["codec_name"] in _UNDECODABLE_CODECS:
        return f"is in a format that cannot be decoded ({stream['codec_name']})"
    return "" if stream["index"] in filled else "is empty"


def text_streams(
    streams: list[dict[str, Any]], filled: frozenset[int], left_out: dict[int, str]
) -> tuple[TextStream, ...]:
    """The subtitles that are text; `left_out` gets a sentence for every other subtitle track.

    Which caption channels a caption track has is not known yet.
    `filled` has the indexes of the tracks with any packets.
    """
    found = []
    for stream in streams:
        if stream.get("codec_type") != "subtitle":
            continue
        codec = stream.get("codec_name", "unknown")
        if codec not in _TEXT_CODECS or stream["index"] not in filled:
            left_out[stream["index"]] = _why_left_out(stream, codec)
            continue
        found.append(
            TextStream(
                index=stream["index"],
                codec=codec,
                language=_language(stream),
                title=_title(stream),
                default=_is(stream, "default"),
                forced=_is(stream, "forced"),
            )
        )
    return tuple(found)


def _why_left_out(stream: dict[str, Any], codec: str) -> str:
    track = subtitles_in(stream["index"], _language(stream))
    if codec in _PICTURE_CODECS:
        return f"{track} are pictures and not text; they were left out. Add them as text to have them shown."
    if codec in _TEXT_CODECS:
        return f"{track} are empty; they were left out."
    return f"{track} are in a format that is not read ({codec}); they were left out."


def subtitles_in(index: int, language: str) -> str:
    """The beginning of a sentence about a subtitle track."""
    return f"The subtitles in track {index} ({language_name(language) or 'no language'})"


def _language(stream: dict[str, Any]) -> str:
    return language_tag(stream.get("tags", {}).get("language", ""))


def _title(stream: dict[str, Any]) -> str:
    tags = stream.get("tags", {})
    # An MP4 keeps the title of a track in its `name`.
    return str(tags.get("title") or tags.get("name", ""))


def _is(stream: dict[str, Any], disposition: str) -> bool:
    return bool(stream.get("disposition", {}).get(disposition))
