"""Which sounds a title gets: a stereo rendition of every track."""

from nightreel.media.labels import labels
from nightreel.media.renditions import AudioRendition
from nightreel.media.source import AudioStream

MAX_AUDIO_TRACKS = 16


def audio_renditions(streams: tuple[AudioStream, ...], audio_bps: int) -> tuple[AudioRendition, ...]:
    renditions: list[AudioRendition] = []
    names = labels(streams)
    default = next((stream.index for stream in streams if stream.default), None)
    for position, stream in enumerate(streams):
        same = sum(1 for earlier in streams[:position] if earlier.language == stream.language)
        suffix = f"_{same + 1}" if same else ""
        renditions.append(
            AudioRendition(
                name=f"audio_{stream.language}{suffix}",
                label=names[position],
                language=stream.language,
                stream=stream.index,
                # A mono track needs half the rate of a stereo one.
                audio_bps=audio_bps if stream.channels > 1 else max(32_000, audio_bps // 2),
                channels=2,
                default=stream.index == default if default is not None else position == 0,
            )
        )
    return tuple(renditions)


def left_out(streams: tuple[AudioStream, ...]) -> tuple[str, ...]:
    """Sentences about the tracks that are not taken."""
    if len(streams) <= MAX_AUDIO_TRACKS:
        return ()
    return (f"The source has {len(streams)} sound tracks; only the first {MAX_AUDIO_TRACKS} were taken.",)
