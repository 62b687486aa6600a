"""Sounds that change midway: broadcasts go from stereo to 5.1 when the film begins.

FFmpeg sets up its filters again at each change, and the rest would start at time 0 again and be cut off.
So it is told not to, and fails. Then it is run once more with the sound first decoded to one layout, by
an output that leads only to a loopback decoder (FFmpeg 7.1 and later).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from nightreel.errors import EncoderFailed
from nightreel.media.planning.channels import OUTPUT_LAYOUTS
from nightreel.media.renditions import AudioRendition

# With this option, a change is an error and never silence.
_NO_CHANGE = ("-reinit_filter", "0")
_INPUT = "-i"
_GRAPH = "-filter_complex"
_CHANGED = "Changing audio frame properties on the fly"


def run_sound(
    command: Sequence[str], renditions: Sequence[AudioRendition], run: Callable[[Sequence[str]], str]
) -> str:
    """Run a command that makes sounds from one source, and again if one of them changes midway.

    Raises EncoderFailed as `run` does.
    """
    source = command.index(_INPUT)
    try:
        return run([*command[:source], *_NO_CHANGE, *command[source:]])
    except EncoderFailed as failure:
        if _CHANGED not in str(failure):
            raise
    return run(steadied(command, renditions))


def steadied(command: Sequence[str], renditions: Sequence[AudioRendition]) -> list[str]:
    """The same command, with every track in one layout and at one sample rate throughout."""
    tracks = dict(chain.from_iterable(_tracks(rendition) for rendition in renditions))
    graph = command.index(_GRAPH)
    linked = command[graph + 1]
    decoded: list[str] = []
    decoders: list[str] = []
    for number, (track, filters) in enumerate(tracks.items()):
        linked = linked.replace(f"[0:{track}]", f"[dec:{number}]")
        decoded += ["-map", f"0:{track}", f"-filter:{number}", filters]
        decoders += ["-dec", f"0:{number}"]
    decoded += ["-c:a", "pcm_f32le", "-f", "null", "-"]
    return [*command[:graph], *decoded, *decoders, _GRAPH, linked, *command[graph + 2 :]]


def _tracks(rendition: AudioRendition) -> Iterator[tuple[int, str]]:
    layout = "mono" if rendition.joined else OUTPUT_LAYOUTS[rendition.channels]
    for track in (rendition.stream, *rendition.joined):
        yield (
            track,
            f"aresample={rendition.sample_rate}:out_sample_fmt=flt,aformat=channel_layouts={layout}",
        )
