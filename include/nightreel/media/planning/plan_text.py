"""Chooses the subtitles of a title: WebVTT for every text track."""

from nightreel.media.planning.labels import labels
from nightreel.media.renditions import TextRendition
from nightreel.media.source import CAPTIONS_IN_PICTURE, TextStream

MAX_TEXT_TRACKS = 32
_NAMELESS = "Subtitles"


def text_renditions(
    streams: tuple[TextStream, ...], start: float = 0.0, late: float = 0.0
) -> tuple[TextRendition, ...]:
    """One per track, in the source's order; at most one is shown to viewers who did not choose.

    `start` is when the title starts, in seconds on the source's clock. `late` is how much later than that
    says its pictures are shown, and the captions within them.
    """
    taken = streams[:MAX_TEXT_TRACKS]
    names = labels(taken, _NAMELESS)
    default = _default(taken)
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
                channel=stream.channel,
                source_start=start - late if stream.codec == CAPTIONS_IN_PICTURE else start,
            )
        )
    return tuple(renditions)


def warnings(streams: tuple[TextStream, ...]) -> tuple[str, ...]:
    """The sentence about closed captions beyond the limit; `left_out` reports tracks."""
    missing = ", ".join(stream.channel for stream in streams[MAX_TEXT_TRACKS:] if stream.channel)
    if not missing:
        return ()
    return (f"The closed captions {missing} were left out: {MAX_TEXT_TRACKS} subtitles are the limit.",)


def _default(streams: tuple[TextStream, ...]) -> TextStream | None:
    # MP4 marks every enabled track, and Matroska every track that does not say otherwise: a mark only
    # means something if other tracks lack it.
    marked = [stream for stream in streams if stream.default]
    return marked[0] if len(marked) == 1 < len(streams) else None
