"""Closed captions that travel within the picture (CTA-608 and CTA-708): subtitles without a track."""

from nightreel.media.source import SourceProbe, TextStream

CAPTIONS_IN_PICTURE = "cc_in_picture"
"""As the codec of a text: FFmpeg reads it from the pictures while it decodes them."""
_TITLE = "Closed captions"


def with_captions(source: SourceProbe, kinds: frozenset[str]) -> SourceProbe:
    """The source with a further text, of the picture's own index, where there are captions to read.

    Nothing says in which language they are.
    """
    if "608" not in kinds:
        return source
    captions = TextStream(index=source.video.index, codec=CAPTIONS_IN_PICTURE, title=_TITLE)
    return source.model_copy(update={"text": (*source.text, captions)})


def captions_left_out(kinds: frozenset[str]) -> str:
    """The sentence about captions that are in the newer form alone; empty where there are none."""
    if kinds != {"708"}:
        return ""
    return (
        "The picture carries closed captions in a form that cannot be read (CTA-708 without CTA-608); "
        "they were left out. Add them as subtitles to have them shown."
    )
