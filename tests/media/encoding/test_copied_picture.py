from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from nightreel.media.encoding.copied_picture import copy_picture
from nightreel.media.programs.binaries import Binaries
from nightreel.vocabulary.media import VideoCodec
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.damage import patched
from tests.media.h264 import B_PYRAMID, SCENES, film, looked_into, packets
from tests.media.hevc import hevc_film

TIMEOUT_SECONDS = 60.0


def _copied(source: Path, output: Path, binaries: Binaries, codec: VideoCodec = "h264") -> Fraction:
    """Copies what may be copied; the frame rate."""
    described = looked_into(source, binaries)
    assert described.coded is not None
    assert described.coded.rate is not None
    copy_picture(
        source,
        output,
        stream=described.video.index,
        codec=codec,
        frame_rate=described.coded.rate,
        reordering=described.coded.reordering,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return described.coded.rate


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_copy_has_the_same_packets_and_each_frame_exactly_at_its_time(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, rate: str, suffix: str
) -> None:
    source = make_clip(film(rate))
    if suffix == "mkv":
        # Its times are whole milliseconds, and it does not say when frames are decoded.
        source = remuxed(source, tmp_path / "film.mkv", binaries.ffmpeg)
    output = tmp_path / "copy.mp4"
    assert _copied(source, output, binaries) == Fraction(rate)
    own, copied = packets(source), packets(output)
    assert [each.digest for each in copied] == [each.digest for each in own]
    assert [each.is_keyframe for each in copied] == [each.is_keyframe for each in own]
    assert sorted(each.shown for each in copied) == [n / Fraction(rate) for n in range(len(own))]
    assert all(
        abs(copy.shown - each.shown) <= Fraction(1, 1000) for copy, each in zip(copied, own, strict=True)
    )
    steps = {later.decoded - earlier.decoded for earlier, later in pairwise(copied)}
    assert steps == {1 / Fraction(rate)}


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_copy_in_hevc_has_the_same_packets_at_their_times_and_its_sets_are_told_beforehand(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    source = make_clip(hevc_film(rate="24000/1001"))
    if suffix == "mkv":
        source = remuxed(source, tmp_path / "film.mkv", binaries.ffmpeg)
    output = tmp_path / "copy.mp4"
    rate = _copied(source, output, binaries, "hevc")
    own, copied = packets(source), packets(output)
    assert [(each.digest, each.is_keyframe) for each in copied] == [
        (each.digest, each.is_keyframe) for each in own
    ]
    assert sorted(each.shown for each in copied) == [n / rate for n in range(len(own))]
    content = output.read_bytes()
    assert b"hvc1" in content
    # The first array of the record is said to be complete (ISO/IEC 14496-15, 8.3.3.1).
    assert content[content.index(b"hvcC") + 4 + 23] & 0x80


@pytest.mark.parametrize(
    "clip",
    [
        Clip(),
        film(after=("-g", "1")),
        film(after=(*B_PYRAMID, "-use_editlist", "0")),
        film(after=(*B_PYRAMID, "-movflags", "frag_keyframe+empty_moov")),
        Clip(SCENES.format(rate=25), before=("-itsoffset", "0.02"), after=B_PYRAMID, sounds=(Sound(),)),
    ],
    ids=["no reordering", "only keyframes", "no edit list", "fragments", "half a frame after the sound"],
)
def test_its_first_frame_is_shown_at_0_without_an_edit_list(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, clip: Clip
) -> None:
    output = tmp_path / "copy.mp4"
    rate = _copied(make_clip(clip), output, binaries)
    shown = sorted(each.shown for each in packets(output))
    assert shown == [n / rate for n in range(len(shown))]
    assert b"elst" not in output.read_bytes()


def test_its_index_names_the_true_keyframes_whatever_the_source_says(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    honest, lying = make_clip(film()), tmp_path / "lying.mp4"
    patched(honest, lying, b"stss", 12, (9).to_bytes(4))
    for source in (honest, lying):
        _copied(source, tmp_path / f"copy of {source.name}", binaries)
    index = [(tmp_path / f"copy of {source.name}").read_bytes() for source in (honest, lying)]
    tables = [data[data.index(b"stss") :][: 8 + 4 * 5] for data in index]
    assert tables[0] == tables[1]


def test_nothing_else_of_the_source_is_kept(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    told = ("-metadata", "title=a secret", "-metadata:s:v", "handler_name=a secret")
    source = make_clip(Clip(sounds=(Sound(language="spa"),), after=told))
    output = tmp_path / "copy.mp4"
    _copied(source, output, binaries)
    with av.open(str(output)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert b"a secret" in source.read_bytes()
    assert b"a secret" not in output.read_bytes()
