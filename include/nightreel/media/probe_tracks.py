"""The tracks beside the picture as ffprobe describes them: sound, and its languages."""

from typing import Any

from nightreel.media.source import AudioStream


def audio_streams(streams: list[dict[str, Any]], warnings: list[str]) -> tuple[AudioStream, ...]:
    """The sound tracks that can be decoded; of every other one, `warnings` receives a sentence."""
    found = []
    for stream in streams:
        if stream.get("codec_type") != "audio":
            continue
        if stream.get("codec_name", "unknown") == "unknown" or int(stream.get("channels", 0)) == 0:
            warnings.append(
                f"Sound track {stream['index']} has no usable description and cannot be decoded; "
                "it was left out."
            )
            continue
        tags = stream.get("tags", {})
        found.append(
            AudioStream(
                index=stream["index"],
                codec=stream["codec_name"],
                channels=int(stream["channels"]),
                layout=stream.get("channel_layout", ""),
                sample_rate=int(stream.get("sample_rate", 0)),
                language=_language(tags.get("language", "")),
                # An MP4 keeps the title of a track in its `name`.
                title=tags.get("title") or tags.get("name", ""),
                default=bool(stream.get("disposition", {}).get("default")),
            )
        )
    return tuple(found)


_TWO_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "pol": "pl", "rus": "ru", "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko",
    "ara": "ar", "hin": "hi", "tur": "tr", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "ces": "cs",
    "cze": "cs", "ell": "el", "gre": "el", "heb": "he", "hun": "hu", "ukr": "uk", "ron": "ro", "rum": "ro",
    "swa": "sw", "kin": "rw", "vie": "vi", "tha": "th", "ind": "id", "fas": "fa", "per": "fa", "ben": "bn",
}  # fmt: skip


def _language(tag: str) -> str:
    # RFC 5646, section 2.2.1: the shortest code of a language is the one to use.
    tag = tag.strip().lower()
    if not (tag.isascii() and tag.isalpha() and 2 <= len(tag) <= 3):
        return "und"
    return _TWO_LETTERS.get(tag, tag)
