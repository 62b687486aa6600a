"""Descriptions of sources, as `probe` would give them."""

from fractions import Fraction

from hypothesis import strategies as st

from nightreel.media.inspection.frame_rates import STANDARD_RATES
from nightreel.media.renditions import NARROWEST_SHAPE
from nightreel.media.source import AudioStream, SourceProbe, VideoStream


def source(
    size: tuple[int, int] = (1920, 1080),
    *,
    rate: Fraction = Fraction(25),
    duration: float = 20.0,
    sample_aspect_ratio: Fraction = Fraction(1),
    rotation: int = 0,
    interlaced: bool = False,
    picture_start: float = 0.0,
    audio: tuple[AudioStream, ...] = (),
) -> SourceProbe:
    return SourceProbe(
        container="mov,mp4",
        size_bytes=1,
        video=VideoStream(
            index=0,
            codec="h264",
            width=size[0],
            height=size[1],
            sample_aspect_ratio=sample_aspect_ratio,
            rotation=rotation,
            nominal_rate=rate,
            average_rate=rate,
            interlaced=interlaced,
        ),
        audio=audio,
        duration=picture_start + duration,
        picture_start=picture_start,
        frames=max(1, round(duration * rate)),
    )


def sound(
    index: int, language: str = "und", *, channels: int = 2, title: str = "", default: bool = False
) -> AudioStream:
    return AudioStream(
        index=index,
        codec="aac",
        channels=channels,
        sample_rate=48_000,
        language=language,
        title=title,
        default=default,
    )


def tracks(at_most: int) -> st.SearchStrategy[tuple[AudioStream, ...]]:
    titles = st.sampled_from(["", "Stereo", "en", "en 2", 'a"b,c=d\n', "   "]) | st.text(max_size=70)
    one = st.tuples(
        st.sampled_from(["und", "en", "fr", "gsw"]), st.sampled_from([1, 2, 6]), titles, st.booleans()
    )
    return st.lists(one, max_size=at_most).map(
        lambda found: tuple(
            sound(position + 1, language, channels=channels, title=title, default=default)
            for position, (language, channels, title, default) in enumerate(found)
        )
    )


sources = st.builds(
    source,
    st.tuples(st.integers(2, 4400), st.integers(2, 4400)),
    rate=st.sampled_from(STANDARD_RATES)
    | st.fractions(min_value=Fraction(1, 10), max_value=1000, max_denominator=2000),
    duration=st.floats(min_value=0.001, max_value=6 * 3600),
    sample_aspect_ratio=st.fractions(min_value=Fraction(1, 4), max_value=4, max_denominator=200),
    rotation=st.sampled_from([0, 90, 180, 270]),
    interlaced=st.booleans(),
    picture_start=st.sampled_from([0.0, 0.02, 1.5]) | st.floats(min_value=0, max_value=60),
    audio=tracks(at_most=2),
).filter(
    lambda described: (
        min(described.video.display_size) >= 2
        and max(described.video.display_size) <= min(described.video.display_size) * NARROWEST_SHAPE
    )
)
