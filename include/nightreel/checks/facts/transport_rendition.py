"""One rendition of a transport stream, measured: what its segments hold, and its playlists."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from nightreel.checks.facts.decoding import Decoded
from nightreel.checks.facts.init_segment import Track
from nightreel.checks.facts.playlists import MediaPlaylist, read_media_playlist
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.segments import Segment
from nightreel.checks.facts.transport_stream import (
    LonePicture,
    TransportSegment,
    measure_lone_picture,
    measure_transport_segment,
)
from nightreel.media.packaging.transport_stream import CLOCK_HERTZ
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import ContentKey


def measure_transport_rendition(
    directory: Path, plan: Plan, item: VideoRendition | AudioRendition, key: ContentKey | None
) -> Rendition:
    """Measure a picture with the sound within, or a sound by itself, one segment at a time."""
    playlist = read_media_playlist(directory / release.playlist_name(item.name))
    measured = tuple(
        measure_transport_segment(directory / name, plan.frame_rate, encrypted=plan.encrypted, key=key)
        for name in _segment_names(item.name, playlist, plan)
    )
    has_i_frames = isinstance(item, VideoRendition) and not plan.encrypted
    i_frames = (
        read_media_playlist(directory / release.iframe_playlist_name(item.name)) if has_i_frames else None
    )
    return Rendition(
        name=item.name,
        track=_track(measured, isinstance(item, VideoRendition)),
        init_fault="",
        segments=tuple(_segment(each, isinstance(item, VideoRendition)) for each in measured),
        playlist=playlist,
        i_frames=i_frames,
        transport=measured,
        lone_pictures=tuple(_lone_pictures(directory, i_frames, plan.frame_rate)) if i_frames else (),
    )


def sound_within(picture: Rendition, name: str) -> Rendition:
    """The sound that a picture's segments hold, as a rendition by itself."""
    return Rendition(
        name=f"{name} within {picture.name}",
        track=_track(picture.transport, is_picture=False),
        init_fault="",
        segments=tuple(_segment(each, is_picture=False) for each in picture.transport),
        playlist=picture.playlist,
        i_frames=None,
    )


def _track(segments: tuple[TransportSegment, ...], is_picture: bool) -> Track | None:
    """What an init segment would say: a transport stream repeats it in every segment."""
    if is_picture:
        picture = next((each.picture for each in segments if each.picture), None)
        return _described("vide", picture.codec, CLOCK_HERTZ, 0) if picture else None
    sound = next((each.sound for each in segments if each.sound), None)
    return _described("soun", sound.codec, sound.sample_rate, sound.channels) if sound else None


def _described(handler: str, codec: str, timescale: int, channels: int) -> Track:
    return Track(
        track_id=0,
        timescale=timescale,
        handler=handler,
        codec=codec,
        width=0,
        height=0,
        nal_length=0,
        default_duration=0,
        default_size=0,
        default_flags=0,
        channels=channels,
    )


def _segment_names(name: str, playlist: MediaPlaylist, plan: Plan) -> tuple[str, ...]:
    """What a player would load; where the playlist tells nothing, what was planned."""
    listed = tuple(Path(entry.uri).name for entry in playlist.entries)
    return listed or tuple(release.segment_name(name, number, "ts") for number in range(plan.segments))


def _segment(measured: TransportSegment, is_picture: bool) -> Segment:
    """The segment as the rules that both containers share know it: by its main stream."""
    main = measured.picture if is_picture else measured.sound
    return Segment(
        name=measured.name,
        exists=measured.exists,
        size=measured.size,
        timing=main.timing if main else None,
        starts_with_idr=main is not None and main.timing.keyframes[:1] == (0,),
        decoded=Decoded(
            packets=main.timing.samples if main else 0,
            picture=measured.first_frame,
            demux_fault=measured.fault,
            decode_fault=measured.decode_fault,
        ),
    )


def _lone_pictures(directory: Path, playlist: MediaPlaylist, rate: Fraction) -> Iterator[LonePicture]:
    for entry in playlist.entries:
        path = directory / Path(entry.uri).name
        start, end = entry.byte_range or (0, 0)
        data = path.read_bytes()[start:end] if path.is_file() else b""
        if not data or len(data) < end - start:
            yield LonePicture(fault="its bytes are not in the file")
        else:
            yield measure_lone_picture(data, rate)
