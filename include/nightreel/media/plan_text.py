"""Which subtitles a title gets: WebVTT of every track that is text."""

from nightreel.media.labels import labels
from nightreel.media.renditions import TextRendition
from nightreel.media.source import TextStream

MAX_TEXT_TRACKS = 32
_NAMELESS = "Subtitles"


def text_renditions(streams: tuple[TextStream, ...], start: float = 0.0) -> tuple[TextRendition, ...]:
    """One per track, in the source's order. At most one is the default (RFC 8216, 4.3.4.1.1).

    `start` is when the title starts, in seconds on the source's clock.
    """
    taken = streams[:MAX_TEXT_TRACKS]
    names = labels(taken, _NAMELESS)
    default = next((stream for stream in taken if stream.default), None)
    renditions: list[TextRendition] = []
    for position, stream in enumerate(taken):
        same = sum(1 for earlier in taken[:position] if earlier.language == stream.language)
        renditions.append(
            TextRendition(
                name=f"subs_{stream.language}" + (f"_{same + 1}" if same else ""),
                label=names[position],
                language=stream.language,
                stream=stream.index,
                default=stream is default,
                forced=stream.forced,
                source_codec=stream.codec,
                source_start=start,
            )
        )
    return tuple(renditions)


def left_out(streams: tuple[TextStream, ...]) -> tuple[str, ...]:
    """Sentences about the tracks that are not taken."""
    if len(streams) <= MAX_TEXT_TRACKS:
        return ()
    return (f"The source has {len(streams)} subtitles; only the first {MAX_TEXT_TRACKS} were taken.",)
